import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import tseslint from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

const layer = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

export default tseslint.config(
  { ignores: ["build/**", "dist/**", "node_modules/**", "*.js", "tools/**", "public/**", "vite.config.ts", "**/*.generated.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".svelte"],
      },
    },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 12],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
    // TypeScript itself reports undefined names, and knows the runes.
    // A component imported by another is `any` to ESLint; svelte-check sees its types.
    rules: {
      "no-undef": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "svelte/no-unused-svelte-ignore": "off",
    },
  },
  {
    // A test is a list of sentences, and so are the messages; their length says nothing of difficulty.
    files: ["**/*.test.ts", "src/lib/messages.ts", "src/lib/words/*.ts"],
    rules: { "max-lines-per-function": "off", "max-lines": "off" },
  },
  layer(["src/protocol/**"], ["../lib/*", "../ui/*", "../features/*", "../app/*"], "protocol/ depends on nothing"),
  layer(["src/lib/**", "src/ui/**"], ["**/features/**", "**/app/**"], "lib/ and ui/ never know a feature"),
  layer(
    ["src/features/*/**"],
    ["../../features/**", "../../app/**", "../[a-z]*/**"],
    "features never import each other or app/",
  ),
);
