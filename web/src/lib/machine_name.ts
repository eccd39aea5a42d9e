// What machines are called, the same on every page.

import type { Sandbox } from "../protocol/api.generated.js";
import { imageName } from "./format.js";
import { t } from "./i18n.svelte.js";
import type { MessageKey } from "./messages.js";

const titles: ReadonlyMap<string, MessageKey> = new Map([
  ["base", "image.base"],
  ["postgres", "image.postgres"],
  ["mariadb", "image.mariadb"],
  ["code", "image.code"],
] as const);

/** The image called `name` in words; images that Paddock does not ship are called by their name. */
export function imageTitle(name: string): string {
  const key = titles.get(name);
  return key === undefined ? name : t(key);
}

export const machineTitle = (machine: Sandbox): string => imageTitle(imageName(machine.image));

/** Enough of the id to tell two machines apart. */
export const machineTag = (machine: Sandbox): string => machine.id.slice(0, 6);

export const machineName = (machine: Sandbox): string => `${machineTitle(machine)} ${machineTag(machine)}`;
