// The words of administration: users, invitations, quotas, the audit log, the state of the server.

import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  title: { en: "Administration", zh: "管理" },
  parts: { en: "Parts of the administration", zh: "管理栏目" },
  users: { en: "Users", zh: "用户" },
  invitations: { en: "Invitations", zh: "邀请" },
  quotas: { en: "Quotas", zh: "配额" },
  audit: { en: "Audit log", zh: "审计日志" },
  system: { en: "System", zh: "系统" },
  "denied.title": { en: "This is for administrators", zh: "仅限管理员" },
  "denied.text": {
    en: "Your account is not one. Ask whoever runs this server if you need to be here.",
    zh: "你的账号不是管理员。如需使用，请联系服务器管理员。",
  },

  "users.search": { en: "Search by name or e-mail", zh: "按名称或邮箱搜索" },
  "users.role": { en: "Role", zh: "角色" },
  "users.role_all": { en: "All roles", zh: "所有角色" },
  "users.role_of": { en: "Role of {name}", zh: "{name} 的角色" },
  "users.empty": { en: "Nobody is found.", zh: "没有找到用户。" },
  "users.you": { en: "You", zh: "你" },
  "users.disabled": { en: "Disabled", zh: "已停用" },
  "users.no_name": { en: "through a provider", zh: "通过身份提供方" },
  "users.counts": {
    en: "{machines} {machines|machine|machines} · {classes} {classes|class|classes}",
    zh: "{machines} 台机器 · {classes} 个班级",
  },
  "users.seen": { en: "seen", zh: "最近访问" },
  "users.actions": { en: "Actions for {name}", zh: "对 {name} 的操作" },
  "users.act_as": { en: "Act as {name}", zh: "以 {name} 身份操作" },
  "users.act_as_title": { en: "Act as {name}?", zh: "以 {name} 身份操作？" },
  "users.act_as_text": {
    en: "For up to an hour you see and do what they can. It is recorded in the audit log under your name.",
    zh: "最长一小时内，你看到并可做对方能做的一切。审计日志会记在你的名下。",
  },
  "users.act_as_go": { en: "Act as them", zh: "开始操作" },
  "users.reset": { en: "Link for a new password", zh: "重设密码链接" },
  "users.reset_title": { en: "Make a link for a new password of {name}?", zh: "为 {name} 生成重设密码链接？" },
  "users.reset_text": {
    en: "When it is used, the old password and all their sessions end. Until then nothing changes.",
    zh: "使用链接后，旧密码和其所有会话将失效；在此之前没有变化。",
  },
  "users.reset_go": { en: "Make the link", zh: "生成链接" },
  "users.reset_made": { en: "Link for a new password of {name}", zh: "{name} 的重设密码链接" },
  "users.end_sessions": { en: "End their sessions", zh: "结束其会话" },
  "users.end_sessions_title": { en: "End all sessions of {name}?", zh: "结束 {name} 的全部会话？" },
  "users.end_sessions_text": { en: "They have to sign in again, everywhere.", zh: "对方在所有地方都需要重新登录。" },
  "users.log": { en: "What they did", zh: "其操作记录" },
  "users.disable": { en: "Disable", zh: "停用" },
  "users.disable_title": { en: "Disable {name}?", zh: "停用 {name}？" },
  "users.disable_text": {
    en: "Their sessions and tokens end at once and they cannot sign in. Their machines stay until they expire.",
    zh: "其会话和令牌立即失效，且无法登录。机器保留至到期。",
  },
  "users.enable": { en: "Enable", zh: "启用" },
  "users.remove": { en: "Delete", zh: "删除" },
  "users.remove_title": { en: "Delete {name}?", zh: "删除 {name}？" },
  "users.remove_text": {
    en: "The account, its machines and everything on them are gone. There is no way back.",
    zh: "账号、其机器及所有内容都会消失，无法恢复。",
  },
  "users.role_title": { en: "Change the role of {name} to {role}?", zh: "将 {name} 的角色改为 {role}？" },
  "users.role_text": { en: "It counts at once, in all their sessions.", zh: "立即对其所有会话生效。" },
  "users.role_go": { en: "Change the role", zh: "更改角色" },
  "users.conflict": {
    en: "That is not possible: the last administrator has to stay, and somebody who teaches has classes to hand over first.",
    zh: "无法完成：必须保留最后一名管理员；任教者需先移交班级。",
  },

  "invitations.note": {
    en: "A link with which somebody makes an account of the role you choose, or whose account gets that role.",
    zh: "对方可用链接创建所选角色的账号，或让已有账号获得该角色。",
  },

  "quotas.note": {
    en: "What one user of each role may use. A class can give its members more. Never more than this server's limits: {count} machines, {memory} of memory, {hours} hours.",
    zh: "每种角色的单个用户可使用的额度。班级可给成员更多，但不超过服务器上限：{count} 台机器、{memory} 内存、{hours} 小时。",
  },
  "quotas.of": { en: "Quota of the role {role}", zh: "{role} 角色的配额" },

  "audit.note": {
    en: "Who did what to whom, and from where, newest first.",
    zh: "谁、在哪里、对谁做了什么，最新的在前。",
  },
  "audit.action": { en: "What", zh: "操作" },
  "audit.action_all": { en: "Everything", zh: "全部" },
  "audit.until": { en: "Until the end of", zh: "截至" },
  "audit.actor": { en: "Done by {name}", zh: "操作者：{name}" },
  "audit.subject": { en: "Done to {name}", zh: "对象：{name}" },
  "audit.clear": { en: "Remove the filter: {filter}", zh: "移除筛选：{filter}" },
  "audit.empty": { en: "Nothing is recorded that fits.", zh: "没有符合条件的记录。" },
  "audit.actor_filter": { en: "Only what {name} did", zh: "只看 {name} 的操作" },
  "audit.subject_filter": { en: "Only what was done to {name}", zh: "只看对 {name} 的操作" },
  "audit.acting": { en: "as {name}", zh: "以 {name} 的身份" },
  "audit.nobody": { en: "Somebody", zh: "某人" },

  "system.note": { en: "How this server is now. Looks again every few seconds.", zh: "服务器当前状态，每几秒刷新一次。" },
  "system.server": { en: "Server", zh: "服务器" },
  "system.version": { en: "Version", zh: "版本" },
  "system.uptime": { en: "Running for", zh: "已运行" },
  "system.listen": { en: "Address", zh: "监听地址" },
  "system.accounts": { en: "Accounts", zh: "账号数" },
  "system.store": { en: "Store", zh: "存储" },
  "system.engine": { en: "Engine", zh: "引擎" },
  "system.schema": { en: "Schema", zh: "结构版本" },
  "system.state": { en: "State", zh: "状态" },
  "system.ok": { en: "works", zh: "正常" },
  "system.failing": { en: "does not work", zh: "异常" },
  "system.cache": { en: "Cache", zh: "缓存" },
  "system.cache_kind": { en: "Kind", zh: "类型" },
  "system.cache_sessions": { en: "Sessions", zh: "会话" },
  "system.cache_tokens": { en: "Tokens", zh: "令牌" },
  "system.node": { en: "Node", zh: "节点" },
  "system.sandboxes": { en: "Machines", zh: "机器" },
  "system.running": { en: "running", zh: "运行中" },
  "system.paused": { en: "paused", zh: "已暂停" },
  "system.stopped": { en: "stopped", zh: "已停止" },
  "system.load": { en: "Load", zh: "负载" },
  "system.load_of": { en: "Processor, last {minutes} min", zh: "处理器，近 {minutes} 分钟" },
  "system.cores": { en: "{load} of {count} {count|core|cores}", zh: "{load} / {count} 核" },
  "system.memory": { en: "Memory", zh: "内存" },
  "system.disk": { en: "Disk of the data", zh: "数据磁盘" },
} as const satisfies Readonly<Record<string, Message>>;

export type AdminWord = keyof typeof words;
/** Like t(). */
export const say: Translate<AdminWord> = translator(words);
