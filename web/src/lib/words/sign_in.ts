// The words of signing in, of the links that let somebody in, and of joining a class.

import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  title: { en: "Sign in", zh: "登录" },
  "guest.claim": {
    en: "The machines you have as a guest come with you.",
    zh: "你作为访客创建的机器会一起归到账号下。",
  },
  wrong: { en: "The name or the password is wrong.", zh: "登录名或密码不正确。" },
  limited: { en: "Too many tries. Try again in {count} {count|second|seconds}.", zh: "尝试次数过多，请在 {count} 秒后重试。" },
  or: { en: "or", zh: "或" },
  "provider.button": { en: "Continue with {name}", zh: "使用 {name} 登录" },
  "provider.only": { en: "This server signs people in through {name}.", zh: "本服务器通过 {name} 登录。" },
  "guest.button": { en: "Go on as a guest", zh: "以访客身份继续" },
  "guests.off": { en: "This server is for people with an account.", zh: "本服务器仅供有账号的用户使用。" },
  "code.question": { en: "Do you have a class code?", zh: "有班级代码？" },
  "code.link": { en: "Join a class", zh: "加入班级" },
  setup: {
    en: "This server has no administrator yet. Its log shows a link that makes the first one: open it here. “paddock admin-link” prints a new one.",
    zh: "服务器还没有管理员。日志中有一个创建首位管理员的链接，请在此打开。也可用“paddock admin-link”生成新链接。",
  },
  "already.text": { en: "You are signed in as {name}.", zh: "你已登录为 {name}。" },
  "already.go": { en: "Go on", zh: "继续" },

  "problem.denied": {
    en: "The sign-in was refused, cancelled, or took too long. Please try again.",
    zh: "登录被拒绝、已取消或超时。请重试。",
  },
  "problem.unavailable": {
    en: "The sign-in service does not answer. Try again in a moment, or sign in by name and password.",
    zh: "登录服务没有响应。请稍后再试，或使用登录名和密码。",
  },
  "problem.misconfigured": {
    en: "This server and its sign-in service do not fit together. Tell whoever runs this server.",
    zh: "服务器与登录服务的配置不一致。请告知服务器管理员。",
  },
  "problem.other": {
    en: "The sign-in did not work. Try again; if it happens again, tell whoever runs this server: {code}",
    zh: "登录未成功。请重试；若再次发生，请告知服务器管理员：{code}",
  },

  "welcome.title": { en: "Welcome", zh: "欢迎" },
  "welcome.looking": { en: "Looking at your link…", zh: "正在检查链接…" },
  "welcome.first_admin": { en: "Welcome to Paddock", zh: "欢迎使用 Paddock" },
  "welcome.first_admin.text": {
    en: "This link makes you the administrator of this server. Choose the name and password you will sign in with.",
    zh: "此链接会让你成为服务器的管理员。请设置登录名和密码。",
  },
  "welcome.invitation": { en: "You are invited", zh: "你收到了邀请" },
  "welcome.learner.text": { en: "With this link you get an account of your own.", zh: "通过此链接可以创建你自己的账号。" },
  "welcome.teacher.text": {
    en: "With this link you get an account as a teacher, who makes classes.",
    zh: "通过此链接可以创建教师账号，教师可以开设班级。",
  },
  "welcome.admin.text": {
    en: "With this link you get an account as an administrator of this server.",
    zh: "通过此链接可以创建服务器管理员账号。",
  },
  "welcome.class.text": { en: "With this link you join the class {name}.", zh: "通过此链接可以加入班级 {name}。" },
  "welcome.reset": { en: "Choose a new password", zh: "设置新密码" },
  "welcome.reset.text": {
    en: "It is for the account {name}. The old password and all sessions of the account end.",
    zh: "用于账号 {name}。旧密码和该账号的所有会话将失效。",
  },
  "welcome.gone": { en: "This link is not valid any more", zh: "链接已失效" },
  "welcome.gone.text": {
    en: "It was used already, was withdrawn, or is too old. Ask whoever gave it to you for a new one.",
    zh: "它已被使用、已撤回或已过期。请向给你链接的人索取新的。",
  },
  "welcome.accept": { en: "Accept as {name}", zh: "以 {name} 接受" },
  "welcome.accept_text": {
    en: "You are signed in as {name}. The invitation is added to this account.",
    zh: "你已登录为 {name}，邀请将加到此账号。",
  },
  "welcome.nothing": {
    en: "Your account has all that this invitation gives.",
    zh: "你的账号已拥有此邀请提供的一切。",
  },
  "welcome.other": { en: "This is not me: sign out", zh: "不是我：退出登录" },
  "welcome.create": { en: "Create the account", zh: "创建账号" },
  "welcome.set": { en: "Set the password", zh: "设置密码" },
  "welcome.have": { en: "Do you have an account?", zh: "已有账号？" },
  "welcome.have.link": { en: "Sign in and accept", zh: "登录后接受" },

  "join.title": { en: "Join a class", zh: "加入班级" },
  "join.text": {
    en: "With the code from your teacher you get an account and are in the class at once.",
    zh: "用老师给的代码创建账号，立即加入班级。",
  },
  "join.code": { en: "Class code", zh: "班级代码" },
  "join.code_hint": { en: "8 letters and digits, from your teacher.", zh: "8 位字母和数字，由老师提供。" },
  "join.code_wrong": {
    en: "No open class has this code. Look at it again, or ask your teacher whether the class is open.",
    zh: "没有开放的班级使用此代码。请核对，或询问老师班级是否开放。",
  },
  "join.own": { en: "This class is yours: you teach it.", zh: "这是你任教的班级。" },
  "join.button": { en: "Create the account and join", zh: "创建账号并加入" },
  "join.as": { en: "Join as {name}", zh: "以 {name} 加入" },
  "join.have.link": { en: "Sign in and join", zh: "登录后加入" },
} as const satisfies Readonly<Record<string, Message>>;

export type SignInWord = keyof typeof words;
/** Like t(). */
export const say: Translate<SignInWord> = translator(words);
