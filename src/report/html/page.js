
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = document.getElementById("words");
  const status = document.getElementById("status");
  const shown = document.getElementById("shown");
  const controls = document.getElementById("controls");

  // Rows are hidden, never taken out; a row's explanation goes with it.
  const rows = all("tr[data-row], tbody[data-row], details[data-row], article[data-row]")
    .filter((row) => !row.closest("article:not([data-row])"))
    .map((row) => ({
      row,
      why: document.getElementById(row.dataset.why || ""),
      text: row.textContent.toLowerCase(),
    }));
  rows.forEach((one) => {
    if (one.why) one.text += one.why.textContent.toLowerCase();
  });

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    rows.forEach(({ row, why, text }) => {
      const of = row.dataset.status;
      const fits = (!status.value || of === undefined || of === status.value)
        && wanted.every((word) => text.includes(word));
      row.hidden = !fits;
      if (why) why.hidden = !fits;
      if (fits) left += 1;
    });
    all(".device").forEach((device) => {
      device.hidden = !all("tr[data-row]:not([hidden])", device).length;
    });
    const narrowed = wanted.length || status.value;
    shown.textContent = narrowed ? `${left} of ${rows.length} rows` : "";
  };

  const fold = (open) => all("details").forEach((one) => { one.open = open; });

  if (controls) {
    controls.hidden = false;
    controls.addEventListener("submit", (event) => event.preventDefault());
    words.addEventListener("input", filter);
    status.addEventListener("change", filter);
    document.getElementById("unfold").addEventListener("click", () => fold(true));
    document.getElementById("fold").addEventListener("click", () => fold(false));
    filter();
  }

  const copied = (button) => {
    const label = button.firstChild;
    label.data = "Copied";
    setTimeout(() => { label.data = "Copy"; }, 2000);
  };
  const select = (code) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  };
  all("button.copy").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        copied(button);
      } catch {
        // Where the clipboard is closed to pages, the text is left selected.
        if (select(code)) copied(button);
      }
    });
  });

  // On paper nothing can be unfolded; what nobody tried stays a count.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open], .aside)");
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
})();
