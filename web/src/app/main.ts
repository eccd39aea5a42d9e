// The start of the page: makes the few long-lived objects and hands them to the components.

import { mount } from "svelte";

import { Api } from "../lib/api.js";
import { Machines } from "../lib/machines.svelte.js";
import { Session } from "../lib/session.svelte.js";
import "./app.css";
import App from "./App.svelte";
import { Router } from "./router.svelte.js";

const target = document.getElementById("app");
if (target === null) throw new Error("the page has no #app");

const api = new Api();
const site = { api, machines: new Machines(api), router: new Router(), session: new Session(api.transport) };
mount(App, { target, props: { site } });
