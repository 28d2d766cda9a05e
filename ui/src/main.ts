import "@fontsource-variable/inter";
import "$/design/tokens.css";
import "$/design/base.css";
import "$/design/field.css";
import "$/design/menu.css";
import "$/design/dialog.css";

import { mount } from "svelte";
import App from "./App.svelte";

const target = document.getElementById("application");
if (target === null) throw new Error("the page has no place for the application");

export default mount(App, { target });
