// The page at /openapi/docs, also below other paths: Scalar, served from here, showing the
// openapi.yaml beside it.
//
// Scalar is a prebuilt script of 3.6 MB. It is copied as a file and only loaded by this page;
// everything that would make it ask another host is switched off.

import scalar_url from "../../node_modules/@scalar/api-reference/dist/browser/standalone.js?url";

interface Scalar {
  createApiReference(selector: string, options: Readonly<Record<string, unknown>>): unknown;
}

const script = document.createElement("script");
script.src = scalar_url;
script.onload = () => {
  const { Scalar } = window as unknown as { Scalar: Scalar };
  Scalar.createApiReference("#reference", {
    url: location.pathname.replace(/\/docs\/?$/, "/openapi.yaml"),
    withDefaultFonts: false,
    telemetry: false,
    proxyUrl: "",
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: "never",
  });
};
document.head.append(script);
