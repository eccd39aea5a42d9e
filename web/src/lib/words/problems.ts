// What the server says is wrong with one field: each of its sentences, in every language.
//
// The English ones are the server's own words after the field's name. {a} and {b} stand for what it
// puts there: numbers, or the names of a closed choice.

import type { Message } from "../messages.js";

export const problems = [
  { en: "must have {a} to {b} characters", zh: "应为 {a} 到 {b} 个字符" },
  { en: "must have at most {a} characters", zh: "最多 {a} 个字符" },
  { en: "must have no spaces and no characters that cannot be seen", zh: "不能含有空格或不可见字符" },
  { en: "must not mix letters of alphabets that look alike", zh: "不能混用外形相似的不同字母表" },
  { en: "must have no characters that cannot be seen", zh: "不能含有不可见字符" },
  { en: "must have no spaces around it and no two in a row", zh: "首尾不能有空格，中间不能有连续空格" },
  { en: "must not be empty", zh: "不能为空" },
  { en: "must be an address such as ann@example.com", zh: "应为邮箱地址，例如 ann@example.com" },
  {
    en: "must have at least {a} characters: a few words are easy to remember and hard to guess",
    zh: "至少 {a} 个字符：几个词连在一起，好记又难猜",
  },
  { en: "must have at most {a} bytes", zh: "最多 {a} 字节" },
  { en: "must not be the name", zh: "不能与登录名相同" },
  { en: "is one of those that are tried first. Please choose another.", zh: "太常见，最先被人猜到。请换一个。" },
  { en: "must be at most {a}, which is what a teacher has", zh: "不能超过 {a}，即教师的额度" },
  { en: "must be an integer from {a} to {b}", zh: "应为 {a} 到 {b} 的整数" },
  { en: "must be true or false", zh: "应为 true 或 false" },
  { en: "must be a string of {a} to {b} bytes", zh: "应为 {a} 到 {b} 字节的文字" },
  { en: "must be text of at most {a} bytes", zh: "应为最多 {a} 字节的文字" },
  { en: "must be a string", zh: "应为文字" },
  { en: "must not contain a NUL character", zh: "不能含有空字符（NUL）" },
  { en: "is required and must be a string", zh: "必须填写" },
  { en: "must be one of: {a}", zh: "应为其中之一：{a}" },
  { en: "must be the id of a class", zh: "应为已有的班级" },
  { en: "must be the id of a teacher", zh: "应为一位教师" },
  { en: "must be an id", zh: "应为编号" },
  { en: "has one that there is not", zh: "其中有不存在的项" },
  {
    en: "The address is not one that may be reached from this server ({a}). An administrator can allow its network with sql-external-allow.",
    zh: "该地址不允许从此服务器访问（{a}）。管理员可用 sql-external-allow 允许其网络。",
  },
  { en: "The user of the database can do more than read: {a}", zh: "该数据库用户不只有读权限：{a}" },
  {
    en: "TLS with {a} failed: its certificate is for another name. Register the name that stands in the certificate, or give the server one for {b}",
    zh: "与 {a} 的 TLS 连接失败：证书属于另一个名称。请用证书中的名称登记，或为服务器换发 {b} 的证书",
  },
  {
    en: "TLS with {a} failed: its certificate is not trusted ({b}). It must be valid, and from an authority that Paddock's host trusts: add that to the host's authorities (Debian: update-ca-certificates)",
    zh: "与 {a} 的 TLS 连接失败：证书不受信任（{b}）。证书须有效，且由 Paddock 主机信任的机构签发；可将该机构加入主机的受信任列表（Debian：update-ca-certificates）",
  },
  {
    en: "{a} does not speak TLS, which its DSN asks for: turn it on there, or register it with sslmode=prefer",
    zh: "{a} 不支持 DSN 所要求的 TLS：请在该服务器上启用，或以 sslmode=prefer 登记",
  },
  { en: "there is no host {a}", zh: "找不到主机 {a}" },
  { en: "{a} at port {b} does not answer: {c}", zh: "{a} 的端口 {b} 没有应答：{c}" },
  { en: "the database did not answer as MariaDB does", zh: "该处的应答不像 MariaDB" },
  { en: "the database did not answer as PostgreSQL does", zh: "该处的应答不像 PostgreSQL" },
  { en: "is of no engine that can be registered: {a}", zh: "不是可登记的数据库类型：{a}" },
  {
    en: "is of KWDB, which cannot be registered: Paddock cannot find out there whether a user can only read. KWDB runs in machines",
    zh: "是 KWDB，无法登记：Paddock 无法确认其用户是否只读。KWDB 可在机器中运行",
  },
  { en: "is too long", zh: "过长" },
  {
    en: "The password of {a} cannot be read: the server's secret is not the one that it was stored under (the file server/secret in the data directory). An administrator has to write its DSN again",
    zh: "无法读取 {a} 的密码：服务器密钥（数据目录中的 server/secret）与存储时不同。请管理员重新填写 DSN",
  },
  { en: "needs a user: {a}", zh: "缺少用户名：{a}" },
  { en: "needs one host, and a port from 1 to 65535: {a}", zh: "需要一个主机名，端口为 1 到 65535：{a}" },
  { en: "needs the name of a database: {a}", zh: "缺少数据库名：{a}" },
  { en: "has options that are not known: only sslmode is", zh: "含有未知选项，仅支持 sslmode" },
  { en: "has an sslmode that is not known", zh: "sslmode 的值无效" },
  {
    en: "must not turn TLS off: with sslmode=prefer it is used where the server has it",
    zh: "不能关闭 TLS：可用 sslmode=prefer，服务器支持时即启用",
  },
  { en: "must be 1 to 64 letters and digits, with . _ or - in between", zh: "应为 1 到 64 个字母和数字，中间可用 . _ -" },
] as const satisfies readonly Message[];
