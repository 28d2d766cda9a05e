import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const RAW_HTML = "Text reaches the page through text nodes only; what was received is shown in a sandboxed frame.";

export default ts.config(
  { ignores: ["node_modules/", "src/jmap/types.ts"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: { allowDefaultProject: ["*.js"] }, extraFileExtensions: [".svelte"] },
    },
    rules: {
      eqeqeq: "error",
      "no-undef": "off", // the compiler knows
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({
          property,
          message: RAW_HTML,
        })),
        { object: "document", property: "write", message: RAW_HTML },
      ],
      "svelte/no-at-html-tags": "error",
      "svelte/prefer-svelte-reactivity": "off", // a plain Map is one that nothing shown depends on
      "svelte/no-navigation-without-resolve": "off", // of SvelteKit, which is not used
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ["*.js"], ...ts.configs.disableTypeChecked },
);
