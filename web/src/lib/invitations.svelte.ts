// Invitations: the open ones of a class or of the server, and the link of the one just made.
//
// The pages of classes and of administration give the requests; ui/InvitationPanel shows it.

import type { Invitation, MadeInvitation } from "../protocol/api.generated.js";
import type { Answer, Failure } from "./api.js";
import type { AccountRole } from "./roles.js";

export interface InvitationRequest {
  readonly role?: AccountRole;
  readonly note: string;
  readonly uses: number;
  readonly expires_in_days: number;
}

export interface InvitationApi {
  list(): Answer<readonly Invitation[]>;
  make(request: InvitationRequest): Answer<MadeInvitation>;
  revoke(link_id: string): Answer<undefined>;
}

/** Where a link with `secret` leads: in the fragment, which no server's log ever sees. */
export function welcomeLink(secret: string): string {
  return `${location.origin}/welcome#${secret}`;
}

export class Invitations {
  readonly #api: InvitationApi;
  #list = $state.raw<readonly Invitation[] | undefined>(undefined);
  #failure = $state.raw<Failure | undefined>(undefined);

  constructor(api: InvitationApi) {
    this.#api = api;
  }

  get list(): readonly Invitation[] | undefined {
    return this.#list;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  async load(): Promise<void> {
    const list = await this.#api.list();
    if (list.ok) this.#list = list.value;
    this.#failure = list.ok ? undefined : list.error;
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
