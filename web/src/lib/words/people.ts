// The words about people that the pages of accounts, classes and administration share.

import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  "name.label": { en: "Sign-in name", zh: "登录名" },
  "name.hint": { en: "2 to 64 characters, no spaces. Capitals make no difference.", zh: "2 到 64 个字符，不含空格，不区分大小写。" },
  "name.taken": { en: "Somebody has this name already. Choose another one.", zh: "该名称已被使用，请换一个。" },
  "display_name.label": { en: "Name that others see", zh: "显示名称" },
  "display_name.hint": { en: "Your teacher finds you by it.", zh: "老师通过它认出你。" },
  "password.label": { en: "Password", zh: "密码" },
  "password.new": { en: "New password", zh: "新密码" },
  "password.hint": {
    en: "At least 10 characters. Several words in a row are easy to remember and hard to guess.",
    zh: "至少 10 个字符。几个词连在一起，好记又难猜。",
  },
  "password.short": { en: "That is too short: take at least 10 characters.", zh: "太短了：至少 10 个字符。" },
  required: { en: "Please fill this in.", zh: "请填写此项。" },

  "link.once": {
    en: "Copy it now: it is shown only this once. Whoever has it can use it.",
    zh: "请立即复制：它只显示这一次。任何人得到它都可以使用。",
  },
  "link.label": { en: "Link", zh: "链接" },

  invitations: { en: "Invitations", zh: "邀请" },
  "invitations.make": { en: "New invitation", zh: "新建邀请" },
  "invitations.empty": {
    en: "There is no open invitation. Make one and send its link to whom it is for.",
    zh: "没有有效的邀请。新建一个，把链接发给对方。",
  },
  "invitations.role": { en: "They become", zh: "对方成为" },
  "invitations.class": { en: "Into the class", zh: "加入班级" },
  "invitations.class_none": { en: "No class", zh: "不加入班级" },
  "invitations.note": { en: "For whom", zh: "给谁" },
  "invitations.note_hint": { en: "Only you see it.", zh: "只有你能看到。" },
  "invitations.uses": { en: "How many people", zh: "可用人数" },
  "invitations.uses_wrong": { en: "A whole number from 1 to 1,000.", zh: "1 到 1000 的整数。" },
  "invitations.days": { en: "Valid for days", zh: "有效天数" },
  "invitations.days_wrong": { en: "A whole number from 1 to 90.", zh: "1 到 90 的整数。" },
  "invitations.made": { en: "The invitation is ready", zh: "邀请已创建" },
  "invitations.unnamed": { en: "Without a note", zh: "无备注" },
  "invitations.left": { en: "{count} {count|use|uses} left", zh: "还可用 {count} 次" },
  "invitations.until": { en: "until {date}", zh: "至 {date}" },
  "invitations.revoke": { en: "Withdraw", zh: "撤回" },
  "invitations.revoke_named": { en: "Withdraw the invitation for {name}", zh: "撤回给 {name} 的邀请" },
  "invitations.revoke_title": { en: "Withdraw the invitation for {name}?", zh: "撤回给 {name} 的邀请？" },
  "invitations.revoke_text": { en: "Its link stops working. Who used it already stays.", zh: "链接将失效。已使用的人不受影响。" },

  "quota.sandboxes": { en: "Machines at once", zh: "同时运行的机器数" },
  "quota.memory": { en: "Memory in all", zh: "内存总量" },
  "quota.memory_unit": { en: "Unit of the memory", zh: "内存单位" },
  "quota.lifetime": { en: "Hours a machine lives", zh: "每台机器时长（小时）" },
  "quota.unlimited": { en: "not limited here", zh: "此处不限" },
  "quota.empty_hint": { en: "Empty: not limited here.", zh: "留空：此处不限。" },
  "quota.count_wrong": { en: "A whole number, or nothing.", zh: "整数，或留空。" },
  "quota.amount_wrong": { en: "A number above 0, or nothing.", zh: "大于 0 的数，或留空。" },
} as const satisfies Readonly<Record<string, Message>>;

/** Like t(). */
export const people: Translate<keyof typeof words> = translator(words);
