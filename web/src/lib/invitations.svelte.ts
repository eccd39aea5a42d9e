// Invitations: the open ones of a class or of the server, and the link of the one just made.
//
// The pages of classes and of administration give the requests; ui/InvitationPanel shows it.

import type { Class, Invitation, MadeInvitation } from "../protocol/api.generated.js";
import type { Answer, Failure } from "./api.js";
import type { AccountRole } from "./roles.js";

export interface InvitationRequest {
  readonly role?: AccountRole;
  readonly class_id?: string;
  readonly note: string;
  readonly uses: number;
  readonly expires_in_days: number;
}

export interface InvitationApi {
  list(): Answer<readonly Invitation[]>;
  make(request: InvitationRequest): Answer<MadeInvitation>;
  revoke(link_id: string): Answer<undefined>;
  /** The classes to which an invitation may lead; a class's own invitations have no choice. */
  classes?(): Answer<readonly Class[]>;
}

/** Where a link with `secret` leads: in the fragment, which no server's log ever sees. */
export function welcomeLink(secret: string): string {
  return `${location.origin}/welcome#${secret}`;
}

export class Invitations {
  readonly #api: InvitationApi;
  #list = $state.raw<readonly Invitation[] | undefined>(undefined);
  #classes = $state.raw<readonly Class[]>([]);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(api: InvitationApi) {
    this.#api = api;
  }

  get list(): readonly Invitation[] | undefined {
    return this.#list;
  }

  get classes(): readonly Class[] {
    return this.#classes;
  }

  /** The class into which `invitation` leads, where that is to be said. */
  classOf(invitation: Invitation): Class | undefined {
    return this.#classes.find(({ id }) => id === invitation.class_id);
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  async load(): Promise<void> {
    const [list, classes] = await Promise.all([this.#api.list(), this.#api.classes?.()]);
    if (list.ok) this.#list = list.value;
    if (classes?.ok === true) this.#classes = classes.value;
    const failed = list.ok ? classes : list;
    this.#failure = failed?.ok === false ? failed.error : undefined;
  }

  async make(request: InvitationRequest): Answer<MadeInvitation> {
    const made = await this.#api.make(request);
    if (made.ok) this.#list = [made.value, ...(this.#list ?? [])];
    return made;
  }

  async revoke(id: string): Promise<void> {
    const revoked = await this.#api.revoke(id);
    const gone = revoked.ok || revoked.error.code === "not_found";
    if (gone) this.#list = this.#list?.filter((invitation) => invitation.id !== id);
    this.#failure = gone ? undefined : revoked.error;
  }
}
