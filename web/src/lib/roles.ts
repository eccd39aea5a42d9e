// AccountRole: what an account may be. A guest has none.

import type { Role } from "../protocol/api.generated.js";

export type AccountRole = Exclude<Role, "guest">;
