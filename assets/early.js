// Runs before the first paint: the page's language, and the frame hidden until its texts are in that language.
(() => {
  "use strict";
  const known = ["en", "sl"];
  const kept = /(?:^|; )omni_language=(en|sl)(?:;|$)/.exec(document.cookie)?.[1];
  const asked = (navigator.languages ?? [navigator.language]).map((one) => one.slice(0, 2).toLowerCase());
  const language = kept ?? asked.find((one) => known.includes(one)) ?? "en";
  const page = document.documentElement;
  page.lang = language;
  if (language === "en") return; // what the pages are built in
  page.classList.add("omni-wait");
  setTimeout(() => page.classList.remove("omni-wait"), 1500); // a slow server shows English rather than nothing
})();
