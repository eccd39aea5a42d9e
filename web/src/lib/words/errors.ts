// What went wrong, and what to do about it: two sentences for each kind of failure.

export const errors = {
  "error.detail.cut": { en: "The answer ended early.", zh: "应答中断。" },
  "error.detail.timeout": { en: "There was no answer in time.", zh: "等待应答超时。" },
  "error.detail.wait": { en: "Try again in {count} {count|second|seconds}.", zh: "请在 {count} 秒后重试。" },
  "error.unreachable": { en: "The server cannot be reached.", zh: "无法连接服务器。" },
  "error.unreachable.todo": { en: "Check your network, then try again.", zh: "请检查网络后重试。" },
  "error.unavailable": { en: "The machine's host does not answer.", zh: "机器所在的主机没有响应。" },
  "error.unavailable.todo": { en: "Wait a moment and try again.", zh: "请稍候重试。" },
  "error.exhausted": { en: "A limit is reached.", zh: "已达到上限。" },
  "error.exhausted.todo": {
    en: "Delete a machine or close a terminal that you no longer need, or wait a moment.",
    zh: "请删除不需要的机器、关闭不需要的终端，或稍候再试。",
  },
  "error.disk_full": { en: "The disk is full.", zh: "磁盘已满。" },
  "error.disk_full.todo": {
    en: "Delete files that you no longer need, or ask whoever runs the server to make room.",
    zh: "请删除不需要的文件，或联系服务器管理员腾出空间。",
  },
  "error.not_found": { en: "It is no longer there.", zh: "它已经不在了。" },
  "error.not_found.todo": { en: "Refresh the list to see what is.", zh: "请刷新列表查看。" },
  "error.conflict": { en: "That is not possible as things are.", zh: "当前状态下无法完成。" },
  "error.conflict.todo": {
    en: "Something with this name may exist already, or the machine is not running.",
    zh: "可能已有同名的内容，或机器未在运行。",
  },
  "error.too_large": { en: "That is too large for this server.", zh: "超出了服务器的大小限制。" },
  "error.too_large.todo": { en: "Split it into smaller parts.", zh: "请拆成较小的部分。" },
  "error.denied": { en: "You may not do that.", zh: "没有权限。" },
  "error.denied.todo": { en: "Reload the page; if that does not help, it needs other rights.", zh: "请刷新页面；若无效，则需要其他权限。" },
  "error.invalid": { en: "The server did not accept that.", zh: "服务器没有接受。" },
  "error.invalid.todo": { en: "Change what the message names and try again.", zh: "请按提示修改后重试。" },
  "error.internal": { en: "The server made a mistake.", zh: "服务器出错了。" },
  "error.internal.todo": {
    en: "Try again; if it happens again, give the request's number to whoever runs this server.",
    zh: "请重试；若再次发生，请把请求编号告诉服务器管理员。",
  },
};
