// The words of classes: the list of them, and one with its members, invitations and limits.

import { translator, type Translate } from "../i18n.svelte.js";
import type { Message } from "../messages.js";

const words = {
  title: { en: "Classes", zh: "班级" },
  "title.all": { en: "All classes", zh: "所有班级" },
  mine: { en: "Mine", zh: "我的" },
  all: { en: "All", zh: "全部" },
  which: { en: "Which classes", zh: "显示哪些班级" },
  make: { en: "New class", zh: "新建班级" },
  "make.title": { en: "A new class", zh: "新建班级" },
  name: { en: "Name of the class", zh: "班级名称" },
  "join.label": { en: "Class code", zh: "班级代码" },
  "join.title": { en: "Join a class", zh: "加入班级" },
  "join.note": { en: "Your teacher gives you the code.", zh: "代码由老师提供。" },
  "join.button": { en: "Join", zh: "加入" },
  "join.wrong": {
    en: "No open class has this code. Look at it again, or ask your teacher whether the class is open.",
    zh: "没有开放的班级使用此代码。请核对，或询问老师班级是否开放。",
  },
  "join.own": { en: "This class is yours: you teach it.", zh: "这是你任教的班级。" },
  "empty.learner": { en: "You are in no class. Join one with the code from your teacher.", zh: "你还没有加入班级。请用老师给的代码加入。" },
  "empty.teacher": {
    en: "You have no class yet. Make one, then give its code to your learners.",
    zh: "你还没有班级。新建一个，再把代码发给学员。",
  },
  "empty.all": { en: "Nobody has made a class yet.", zh: "还没有人创建班级。" },
  members: { en: "{count} {count|member|members}", zh: "{count} 名成员" },
  "teacher.of": { en: "Teacher: {name}", zh: "教师：{name}" },
  teaching: { en: "You teach", zh: "你任教" },
  back: { en: "All classes", zh: "所有班级" },
  "gone.title": { en: "There is no such class", zh: "没有这个班级" },
  "gone.text": { en: "It was deleted, or you are not in it.", zh: "它已被删除，或你不在其中。" },

  rename: { en: "Rename", zh: "重命名" },
  "rename.title": { en: "Rename the class", zh: "重命名班级" },
  "hand.button": { en: "Hand over", zh: "移交班级" },
  "hand.title": { en: "Who teaches {name} from now on?", zh: "今后由谁任教 {name}？" },
  "hand.text": {
    en: "They see its members and its code, and may change everything about it. {teacher} no longer does.",
    zh: "对方能查看成员和代码，并可更改班级的一切。{teacher} 将不再能这样做。",
  },
  "hand.search": { en: "Search the teachers by name", zh: "按名称搜索教师" },
  "hand.choice": { en: "The new teacher", zh: "新教师" },
  "hand.none": { en: "No other teacher is called like that.", zh: "没有匹配的其他教师。" },
  "hand.done": { en: "{name} teaches this class now.", zh: "此班级现由 {name} 任教。" },
  "hand.required": { en: "Choose who teaches the class.", zh: "请选择由谁任教。" },
  leave: { en: "Leave the class", zh: "退出班级" },
  "leave.title": { en: "Leave {name}?", zh: "退出 {name}？" },
  "leave.text": {
    en: "What the class lets you use ends. Your machines stay. To come back you need its code.",
    zh: "班级给你的配额将失效，机器保留。再次加入需要代码。",
  },
  "member.text": {
    en: "You are in this class since its code was yours. Your teacher sees your name and how many machines you have, and nothing that is on them.",
    zh: "你是该班级的成员。老师能看到你的名字和机器数量，看不到机器上的内容。",
  },

  code: { en: "How to join", zh: "加入方式" },
  "code.note": { en: "Whoever has the code or the link can join, with or without an account.", zh: "拥有代码或链接的人都可以加入，有无账号均可。" },
  "code.closed": { en: "The class is closed: nobody can join now.", zh: "班级已关闭：暂时无法加入。" },
  "code.is": { en: "Class code", zh: "班级代码" },
  "code.copy": { en: "Copy the code", zh: "复制代码" },
  "code.link": { en: "Link to join", zh: "加入链接" },
  "code.close": { en: "Close the class", zh: "关闭班级" },
  "code.open": { en: "Open the class", zh: "开放班级" },
  "code.new": { en: "New code", zh: "更换代码" },
  "code.new_title": { en: "Replace the code of {name}?", zh: "更换 {name} 的代码？" },
  "code.new_text": { en: "The old code and the old link stop working. Members stay.", zh: "旧代码和旧链接将失效，成员不受影响。" },

  roster: { en: "Members", zh: "成员" },
  "roster.search": { en: "Search the members", zh: "搜索成员" },
  "roster.empty": { en: "Nobody is in this class yet. Give its code or link to your learners.", zh: "班级还没有成员。请把代码或链接发给学员。" },
  "roster.none": { en: "No member is called like that.", zh: "没有匹配的成员。" },
  "roster.machines": { en: "{count} {count|machine|machines}", zh: "{count} 台机器" },
  "roster.joined": { en: "joined", zh: "加入于" },
  "roster.remove": { en: "Remove", zh: "移除" },
  "roster.remove_named": { en: "Remove {name} from the class", zh: "将 {name} 移出班级" },
  "roster.remove_title": { en: "Remove {name} from {class}?", zh: "将 {name} 移出 {class}？" },
  "roster.remove_text": {
    en: "Their account and machines stay. With the code they could join again.",
    zh: "其账号和机器保留。凭代码仍可再次加入。",
  },

  "invitations.note": {
    en: "A link for people without the code, which gives them an account and this class.",
    zh: "给没有代码的人使用的链接：创建账号并加入本班级。",
  },
  quota: { en: "Limits", zh: "配额" },
  "quota.note": {
    en: "What each member may use. The larger of this and their role's limit counts, up to your own.",
    zh: "每名成员可使用的额度。取班级与角色配额中较大者，不超过你自己的。",
  },
  remove: { en: "Delete the class", zh: "删除班级" },
  "remove.note": { en: "Its members keep their accounts and machines. The class, its code and its invitations are gone.", zh: "成员的账号和机器保留。班级、代码和邀请将消失。" },
  "remove.title": { en: "Delete the class {name}?", zh: "删除班级 {name}？" },
} as const satisfies Readonly<Record<string, Message>>;

export type ClassWord = keyof typeof words;
/** Like t(). */
export const say: Translate<ClassWord> = translator(words);
