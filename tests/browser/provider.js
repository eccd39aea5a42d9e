// A real OpenID provider for the journeys: says its address, then lives as long as its standard input.

import { secret, TestProvider } from "../oidc/provider.js";

const provider = await new TestProvider().start();
process.stdout.write(`${provider.issuer} ${secret}\n`);
process.stdin.resume();
process.stdin.on("end", () => void provider.stop());
