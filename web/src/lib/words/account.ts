// The words of the account page.

import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  title: { en: "Your account", zh: "你的账号" },
  profile: { en: "Profile", zh: "个人资料" },
  "profile.note": { en: "{role}. You sign in as {name}.", zh: "{role}。登录名：{name}。" },
  "profile.provider": { en: "{role}. You sign in through your provider.", zh: "{role}。通过身份提供方登录。" },
  "profile.email": { en: "E-mail", zh: "电子邮箱" },
  "profile.email_wrong": { en: "That is not an e-mail address.", zh: "这不是有效的邮箱地址。" },
  "profile.language": { en: "Language", zh: "语言" },
  "profile.language_browser": { en: "As the browser says", zh: "跟随浏览器" },
  "profile.theme": { en: "Theme", zh: "主题" },
  "profile.theme_system": { en: "As the system says", zh: "跟随系统" },
  "profile.theme_light": { en: "Light", zh: "浅色" },
  "profile.theme_dark": { en: "Dark", zh: "深色" },
  "profile.quota": {
    en: "You may have {count} {count|machine|machines} at once, with {memory} of memory together, for up to {hours} hours each.",
    zh: "你最多可同时拥有 {count} 台机器，内存共 {memory}，每台最长 {hours} 小时。",
  },

  password: { en: "Password", zh: "密码" },
  "password.note": {
    en: "With a new password all your other sessions end.",
    zh: "更改密码后，你的其他会话都会结束。",
  },
  "password.none": {
    en: "You have no password yet. With one you can also sign in without your provider.",
    zh: "你还没有密码。设置后也可不经身份提供方登录。",
  },
  "password.current": { en: "Current password", zh: "当前密码" },
  "password.change": { en: "Change the password", zh: "更改密码" },
  "password.set": { en: "Set the password", zh: "设置密码" },
  "password.wrong": { en: "That is not your current password.", zh: "当前密码不正确。" },
  "password.changed": { en: "Changed. Your other sessions have ended.", zh: "已更改，其他会话已结束。" },

  sessions: { en: "Sessions", zh: "会话" },
  "sessions.note": { en: "Where you are signed in. End what you do not know.", zh: "你登录过的地方。不认识的请结束。" },
  "sessions.empty": { en: "There is no other session.", zh: "没有其他会话。" },
  "sessions.current": { en: "This one", zh: "当前" },
  "sessions.acting": { en: "Administrator {name}", zh: "管理员 {name}" },
  "sessions.seen": { en: "last used", zh: "最近使用" },
  "sessions.end": { en: "End", zh: "结束" },
  "sessions.end_named": { en: "End the session {name}", zh: "结束会话 {name}" },
  "sessions.end_all": { en: "End all others", zh: "结束其他全部" },
  "sessions.end_title": { en: "End the session {name}?", zh: "结束会话 {name}？" },
  "sessions.end_text": { en: "Whoever uses it has to sign in again.", zh: "使用它的人需要重新登录。" },
  "sessions.end_all_title": { en: "End all your other sessions?", zh: "结束你的其他全部会话？" },
  "sessions.end_all_text": { en: "Only this browser stays signed in.", zh: "只有当前浏览器保持登录。" },
  "sessions.device": { en: "{browser} on {system}", zh: "{system} 上的 {browser}" },
  "sessions.unknown": { en: "Unknown program", zh: "未知程序" },

  tokens: { en: "API tokens", zh: "API 令牌" },
  "tokens.note": {
    en: "For programs that use the API in your name, sent as “Authorization: Bearer …”.",
    zh: "供程序以你的名义调用 API，以“Authorization: Bearer …”发送。",
  },
  "tokens.empty": { en: "You have no token. Make one for a script or an editor.", zh: "还没有令牌。可为脚本或编辑器创建一个。" },
  "tokens.make": { en: "New token", zh: "新建令牌" },
  "tokens.name": { en: "What it is for", zh: "用途" },
  "tokens.scopes": { en: "What it may do", zh: "权限" },
  "tokens.scopes_none": { en: "Without any it may read what is yours, and no more.", zh: "不选则只能读取属于你的内容。" },
  "tokens.expiry": { en: "Valid for", zh: "有效期" },
  "tokens.days": { en: "{count} days", zh: "{count} 天" },
  "tokens.year": { en: "1 year", zh: "1 年" },
  "tokens.never": { en: "Until you revoke it", zh: "直到撤销" },
  "tokens.made": { en: "The token {name} is ready", zh: "令牌 {name} 已创建" },
  "tokens.secret": { en: "Token", zh: "令牌" },
  "tokens.once": {
    en: "Copy it now: it is shown only this once. Keep it like a password.",
    zh: "请立即复制：它只显示这一次。请像密码一样保管。",
  },
  "tokens.used": { en: "last used", zh: "最近使用" },
  "tokens.unused": { en: "never used", zh: "从未使用" },
  "tokens.until": { en: "until {date}", zh: "至 {date}" },
  "tokens.expired": { en: "expired", zh: "已过期" },
  "tokens.read_only": { en: "read only", zh: "只读" },
  "tokens.revoke": { en: "Revoke", zh: "撤销" },
  "tokens.revoke_named": { en: "Revoke the token {name}", zh: "撤销令牌 {name}" },
  "tokens.revoke_title": { en: "Revoke the token {name}?", zh: "撤销令牌 {name}？" },
  "tokens.revoke_text": { en: "Programs that use it are refused from now on.", zh: "使用它的程序将立即被拒绝。" },

  "scope.write:resource": {
    en: "Make, change, use and delete your machines and files",
    zh: "创建、更改、使用和删除你的机器与文件",
  },
  "scope.challenge": { en: "Run and submit challenges", zh: "运行和提交挑战" },
  "scope.read:schema": { en: "Read the schema of databases", zh: "读取数据库结构" },
  "scope.read:question": { en: "Read questions", zh: "读取题目" },
  "scope.read:solution": { en: "Read solutions", zh: "读取答案" },
  "scope.manage:class": { en: "Manage your classes, their members and invitations", zh: "管理你的班级、成员和邀请" },
  "scope.manage:server": { en: "Administer this server: users, quotas, audit log", zh: "管理服务器：用户、配额、审计日志" },

  remove: { en: "Delete the account", zh: "删除账号" },
  "remove.note": {
    en: "Your machines and everything on them, your memberships, sessions and tokens are gone then. There is no way back.",
    zh: "你的机器及其内容、班级成员身份、会话和令牌都会消失，无法恢复。",
  },
  "remove.title": { en: "Delete the account {name}?", zh: "删除账号 {name}？" },
  "remove.password": { en: "Your password, to be sure that it is you", zh: "输入密码以确认是你本人" },
  "remove.conflict": {
    en: "You are the last administrator, or you still have classes. Hand over or delete them first.",
    zh: "你是最后一名管理员，或仍有班级。请先移交或删除。",
  },
} as const satisfies Readonly<Record<string, Message>>;

export type AccountWord = keyof typeof words;
/** Like t(). */
export const say: Translate<AccountWord> = translator(words);
