// Runs before the first paint, so that a chosen theme does not flash. A file of its own, because
// the content security policy allows no inline script. Keys: src/lib/settings.svelte.ts.
try {
  var root = document.documentElement;
  var theme = localStorage.getItem("paddock.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  var language = localStorage.getItem("paddock.language") || navigator.language;
  root.lang = language.toLowerCase().indexOf("zh") === 0 ? "zh-CN" : "en";
} catch (error) {
  // Without storage the system's theme and the page's own language hold.
}
