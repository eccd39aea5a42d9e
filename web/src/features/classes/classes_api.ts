// ClassesApi: classes, their members, invitations and limits.

import type { InvitationApi } from "../../lib/invitations.svelte.js";
import { succeed } from "../../lib/result.js";
import type { Answer, Transport } from "../../lib/transport.js";
import type {
  Class,
  ClassList,
  DirectoryPage,
  InvitationList,
  Member,
  MemberList,
  Quota,
  User,
} from "../../protocol/api.generated.js";

export interface ClassChange {
  readonly name?: string;
  readonly joinable?: boolean;
  readonly quota?: Quota;
  /** By admins. */
  readonly teacher_id?: string;
}

const base = "/api/v1/classes";
const page_size = 200;
/** Whoever is not among them is found by more of their name. */
const teachers_shown_max = 20;
/** More than a class may have members. */
const pages_max = 20;

export class ClassesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(all: boolean): Answer<readonly Class[]> {
    const list = await this.#transport.json<ClassList>({
      method: "GET",
      path: all ? `${base}?all=true` : base,
    });
    return list.ok ? succeed(list.value.classes) : list;
  }

  make(name: string): Answer<Class> {
    return this.#transport.json({ method: "POST", path: base, json: { name } });
  }

  join(code: string): Answer<Class> {
    return this.#transport.json({ method: "POST", path: `${base}/join`, json: { code } });
  }

  find(id: string): Answer<Class> {
    return this.#transport.json({ method: "GET", path: `${base}/${id}` });
  }

  change(id: string, change: ClassChange): Answer<Class> {
    return this.#transport.json({ method: "PATCH", path: `${base}/${id}`, json: change });
  }

  /** Those whose names hold `query` and who may teach; for admins. */
  async teachers(query: string): Answer<readonly User[]> {
    const search = `query=${encodeURIComponent(query)}&limit=${teachers_shown_max}`;
    const pages = await Promise.all(
      (["teacher", "admin"] as const).map((role) =>
        this.#transport.json<DirectoryPage>({ method: "GET", path: `/api/v1/users?role=${role}&${search}` }),
      ),
    );
    const found: User[] = [];
    for (const page of pages) {
      if (!page.ok) return page;
      found.push(...page.value.users.filter(({ disabled }) => !disabled));
    }
    return succeed(found.slice(0, teachers_shown_max));
  }

  remove(id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${base}/${id}` });
  }

  renewCode(id: string): Answer<Class> {
    return this.#transport.json({ method: "POST", path: `${base}/${id}/code` });
  }

  /** All members: a search must not miss those whom nobody has scrolled to. */
  async members(id: string): Answer<readonly Member[]> {
    const members: Member[] = [];
    let after = "";
    for (let page = 0; page < pages_max; ++page) {
      const path = `${base}/${id}/members?limit=${page_size}${after}`;
      const answer = await this.#transport.json<MemberList>({ method: "GET", path });
      if (!answer.ok) return answer;
      members.push(...answer.value.members);
      if (answer.value.next === null) break;
      after = `&after=${encodeURIComponent(answer.value.next)}`;
    }
    return succeed(members);
  }

  removeMember(id: string, user_id: string): Answer<undefined> {
    return this.#transport.none({ method: "DELETE", path: `${base}/${id}/members/${user_id}` });
  }

  invitations(id: string): InvitationApi {
    const path = `${base}/${id}/invitations`;
    return {
      list: async () => {
        const list = await this.#transport.json<InvitationList>({ method: "GET", path });
        return list.ok ? succeed(list.value.invitations) : list;
      },
      make: (request) => this.#transport.json({ method: "POST", path, json: request }),
      revoke: (link_id) => this.#transport.none({ method: "DELETE", path: `${path}/${link_id}` }),
    };
  }
}
