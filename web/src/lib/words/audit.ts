// What the audit log says of each action. `{subject}` is to whom or what; the actor stands before.

import type { AuditAction } from "../../protocol/api.generated.js";
import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  "session.opened": { en: "signed in", zh: "登录" },
  "session.refused": { en: "was refused at the sign-in of {subject}", zh: "登录 {subject} 被拒绝" },
  "session.closed": { en: "signed out", zh: "退出登录" },
  "session.revoked": { en: "ended a session of {subject}", zh: "结束了 {subject} 的会话" },
  "user.signed_up": { en: "got an account", zh: "创建了账号" },
  "user.changed": { en: "changed the profile of {subject}", zh: "更改了 {subject} 的资料" },
  "user.role_changed": { en: "changed the role of {subject}", zh: "更改了 {subject} 的角色" },
  "user.disabled": { en: "disabled {subject}", zh: "停用了 {subject}" },
  "user.enabled": { en: "enabled {subject}", zh: "启用了 {subject}" },
  "user.deleted": { en: "deleted {subject}", zh: "删除了 {subject}" },
  "password.changed": { en: "changed the password of {subject}", zh: "更改了 {subject} 的密码" },
  "password.reset": { en: "set a new password for {subject} by a link", zh: "通过链接为 {subject} 设置了新密码" },
  "link.made": { en: "made a link for {subject}", zh: "为 {subject} 创建了链接" },
  "link.used": { en: "used a link for {subject}", zh: "使用了 {subject} 的链接" },
  "link.revoked": { en: "withdrew a link for {subject}", zh: "撤回了 {subject} 的链接" },
  "token.made": { en: "made the API token {subject}", zh: "创建了 API 令牌 {subject}" },
  "token.revoked": { en: "revoked the API token {subject}", zh: "撤销了 API 令牌 {subject}" },
  "class.made": { en: "made the class {subject}", zh: "创建了班级 {subject}" },
  "class.changed": { en: "changed the class {subject}", zh: "更改了班级 {subject}" },
  "class.deleted": { en: "deleted the class {subject}", zh: "删除了班级 {subject}" },
  "class.code_renewed": { en: "replaced the code of the class {subject}", zh: "更换了班级 {subject} 的代码" },
  "class.joined": { en: "joined the class {subject}", zh: "加入了班级 {subject}" },
  "class.left": { en: "left the class {subject}", zh: "退出了班级 {subject}" },
  "class.member_removed": { en: "removed {subject} from a class", zh: "将 {subject} 移出了班级" },
  "quota.changed": { en: "changed the quota of {subject}", zh: "更改了 {subject} 的配额" },
  "acting.begun": { en: "began to act as {subject}", zh: "开始以 {subject} 的身份操作" },
  "acting.ended": { en: "stopped acting as {subject}", zh: "结束以 {subject} 的身份操作" },
  "sandbox.created": { en: "started the machine {subject}", zh: "启动了机器 {subject}" },
  "sandbox.deleted": { en: "deleted the machine {subject}", zh: "删除了机器 {subject}" },
  "question.made": { en: "made the question {subject}", zh: "创建了题目 {subject}" },
  "question.changed": { en: "changed the question {subject}", zh: "更改了题目 {subject}" },
  "question.deleted": { en: "deleted the question {subject}", zh: "删除了题目 {subject}" },
  "schema.made": { en: "made the schema {subject}", zh: "创建了数据库 {subject}" },
  "schema.changed": { en: "changed the schema {subject}", zh: "更改了数据库 {subject}" },
  "schema.deleted": { en: "deleted the schema {subject}", zh: "删除了数据库 {subject}" },
  "progress.reset": { en: "let {subject} begin questions again", zh: "让 {subject} 重新开始题目" },
  "database.registered": { en: "registered the database {subject}", zh: "登记了数据库 {subject}" },
  "database.changed": { en: "changed the registered database {subject}", zh: "更改了已登记的数据库 {subject}" },
  "database.removed": { en: "removed the registered database {subject}", zh: "移除了已登记的数据库 {subject}" },
  other: { en: "did {action} to {subject}", zh: "对 {subject} 执行了 {action}" },
} as const satisfies Readonly<Record<AuditAction | "other", Message>>;

export type AuditWord = keyof typeof words;
export const audit_actions = (Object.keys(words) as AuditWord[]).filter((word) => word !== "other");
/** Like t(). */
export const say: Translate<AuditWord> = translator(words);
