// What the page says about the images that Paddock ships; others bring their own description.

import type { MessageKey } from "../../lib/i18n.svelte.js";
import type { Image } from "../../protocol/api.generated.js";
import type { IconName } from "../../ui/icons.js";

interface ImageWords {
  readonly text: MessageKey;
  readonly icon: IconName;
}

const shipped: Readonly<Record<string, ImageWords>> = {
  base: { text: "image.base.text", icon: "terminal" },
  postgres: { text: "image.postgres.text", icon: "database" },
  mariadb: { text: "image.mariadb.text", icon: "database" },
  code: { text: "image.code.text", icon: "braces" },
};

export function imageWords(name: string): ImageWords | undefined {
  return shipped[name];
}

/** The shipped images first and in their order, then the others by name. */
export function inOrder(images: readonly Image[]): readonly Image[] {
  const order = Object.keys(shipped);
  const place = (image: Image): number => (order.includes(image.name) ? order.indexOf(image.name) : order.length);
  return [...images].sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** The one to offer: the server's default if it can be started, else the first that can. */
export function preferred(images: readonly Image[]): string | undefined {
  const ready = images.filter((image) => image.state === "ready");
  return (ready.find((image) => image.is_default) ?? ready[0])?.name;
}
