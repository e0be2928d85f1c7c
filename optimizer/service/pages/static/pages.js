"use strict";
// Questions are sent without leaving the page; rosters are sorted and filtered; the editor has line numbers.
(() => {
  const $ = (query, home = document) => home.querySelector(query);
  const all = (query, home = document) => [...home.querySelectorAll(query)];
  let quiet = 0;
  const say = (text) => {
    const status = $("#status");
    if (!status || !text) return;
    status.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => { status.textContent = ""; }, 6000);
  };

  // --- questions ---
  const ask = (form, values) => {
    const work = $("#work");
    if (work) work.classList.add("busy");
    asked = true;
    const saved = $("[data-saved]");
    if (saved && !values.get("saved")) values.set("saved", saved.value);
    const running = $("#progress");
    if (running && !values.get("running") && running.dataset.job) values.set("running", running.dataset.job.split("/").pop());
    $("#messages").textContent = "";
    htmx.ajax("POST", form.action, { source: form, target: "#work", swap: "outerHTML", values });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sure && !window.confirm(form.dataset.sure)) { event.preventDefault(); return; }
    if (!form.matches("[data-work]") || !$("#work")) return;
    event.preventDefault();
    ask(form, new FormData(form, event.submitter));
  });

  let opened = new Set(), asked = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target && event.detail.target.id === "work") {
      opened = new Set(all("#work details").filter((one) => one.id).map((one) => `${one.id}:${one.open}`));
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const work = $("#work");
    if (event.detail.target && (event.detail.target.id === "work" || event.detail.elt.id === "work") && work) {
      for (const one of all("details", work)) {
        if (one.id && one.id !== "part-report") {
          if (opened.has(`${one.id}:true`)) one.open = true;
          if (opened.has(`${one.id}:false`)) one.open = false;
        }
      }
      if (asked && work.dataset.said) {
        say(work.dataset.said);
        if (document.activeElement === document.body) { const goal = $("#goal"); if (goal) goal.focus({ preventScroll: true }); }
        asked = false;
      }
    }
    prepare(document);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      const work = $("#work");
      if (work) work.classList.remove("busy");
      const said = document.createElement("p");
      said.className = "trouble";
      said.textContent = document.body.dataset.failed;
      $("#messages").replaceChildren(said);
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const work = $("#work");
    if (work) work.classList.remove("busy");
    if (event.detail.target && event.detail.target.id === "messages" && $("#messages").textContent) $("#messages").scrollIntoView({ block: "center" });
    for (const button of all("button[data-waits]")) { button.disabled = false; delete button.dataset.waits; }
  });
  // A page that closes gives its work up at once; a lease frees it where this message is lost.
  window.addEventListener("pagehide", () => {
    for (const one of all("[data-job]")) navigator.sendBeacon(`${one.dataset.job}/cancel`);
  });

  // --- one creator ---
  const dialog = () => $("#what");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, summary, a");
    if (!button) { if (event.target === dialog()) dialog().close(); return; }
    if (button.dataset.what !== undefined) {
      const box = dialog();
      box.dataset.creator = button.dataset.what;
      $("#what-name").textContent = button.dataset.what;
      $("#what-told").textContent = "";
      box.showModal();
    } else if (button.dataset.do) {
      const box = dialog(), form = $("#go"), creator = box.dataset.creator;
      if (button.dataset.do === "explain") {
        htmx.ajax("POST", button.dataset.url, { source: box, target: "#what-told", swap: "innerHTML", values: { creator, case: new FormData(form).get("case") } });
        return;
      }
      const values = new FormData(form);
      values.set(button.dataset.do, creator);
      box.close();
      ask(form, values);
    } else if (button.dataset.opens) {
      const box = document.getElementById(button.dataset.opens);
      box.hidden = !box.hidden;
      if (!box.hidden) $("input:not([type=hidden])", box).focus();
    } else if (button.dataset.hides) {
      document.getElementById(button.dataset.hides).hidden = true;
    } else if (button.dataset.sort !== undefined) {
      sort(button);
    } else if (button.dataset.goto) {
      go(Number(button.dataset.goto), Number(button.dataset.column));
    }
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of all("details.menu[open]")) { menu.open = false; $("summary", menu).focus(); }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const shows = event.target.dataset && event.target.dataset.shows;
    const box = shows && document.getElementById(shows);
    if (box) { box.hidden = false; box.scrollIntoView({ block: "nearest" }); }
  });

  // --- the roster ---
  const sort = (button) => {
    const head = button.closest("th"), table = head.closest("table"), at = [...head.parentNode.children].indexOf(head);
    const numeric = button.dataset.numeric === "1", down = head.getAttribute("aria-sort") === (numeric ? "none" : "ascending") || (numeric && head.getAttribute("aria-sort") === "ascending");
    for (const other of all("th[aria-sort]", table)) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => { const said = row.children[at].dataset.v ?? ""; return numeric ? (said === "" || said === "None" ? -Infinity : Number(said)) : said; };
    const rows = all("tbody tr", table);
    rows.sort((one, other) => { const a = value(one), b = value(other); return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1); });
    $("tbody", table).append(...rows);
  };
  const filter = (home) => {
    const sought = ($("[data-filter]", home).value || "").trim().toLowerCase();
    const chosen = all("[data-by]", home).filter((one) => one.value !== "").map((one) => [Number(one.dataset.by), one.value]);
    let count = 0;
    for (const row of all("tbody tr", home)) {
      const cells = [...row.children], text = cells.slice(0, -1).map((one) => one.textContent).join(" ").toLowerCase();
      row.hidden = !(text.includes(sought) && chosen.every(([at, value]) => cells[at].textContent.trim() === value));
      if (!row.hidden) count += 1;
    }
    $("[data-count]", home).textContent = String(count);
    $("[data-none]", home).hidden = count > 0;
  };
  document.addEventListener("input", (event) => {
    const home = event.target.closest && event.target.closest("[data-roster]");
    if (home) filter(home);
    if (event.target.matches("[data-column]")) values(event.target);
    if (event.target.matches("[data-editor]")) number(event.target);
  });
  const values = (select) => {
    const groups = JSON.parse($("[data-groups]", select.form).dataset.groups), list = $("datalist", select.form);
    list.replaceChildren(...(groups[select.value] || []).map((one) => { const found = document.createElement("option"); found.value = one; return found; }));
  };

  // --- the editor ---
  const number = (area) => {
    const gutter = $("[data-gutter]"), count = area.value.split("\n").length;
    const faulty = new Set(all("[data-faults] [data-line]").map((one) => Number(one.dataset.line)));
    gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const one = document.createElement("span");
      one.className = faulty.has(at + 1) ? "at fault" : "at";
      one.textContent = String(at + 1);
      return one;
    }));
    gutter.scrollTop = area.scrollTop;
  };
  const go = (line, column) => {
    const area = $("[data-editor]"), lines = area.value.split("\n");
    const begin = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + Math.max(0, column - 1);
    area.focus();
    area.setSelectionRange(begin, begin);
    area.scrollTop = Math.max(0, (line - 6) * area.scrollHeight / lines.length);
  };

  // --- files ---
  const chosen = (input) => { const said = $("[data-chosen]", input.form); if (said && input.files.length) said.textContent = input.files[0].name; };
  document.addEventListener("change", (event) => { if (event.target.matches("[data-drop] input[type=file]")) chosen(event.target); });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = $("[data-drop]");
      if (!form) return;
      event.preventDefault();
      $(".dropzone", form).classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        const input = $("input[type=file]", form);
        input.files = event.dataTransfer.files;
        chosen(input);
        form.requestSubmit();
      }
    });
  }
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("[data-drop], [data-waits]")) return;
    const button = event.submitter || $("button.main", event.target);
    if (button) { button.disabled = true; button.dataset.waits = ""; }
    if (event.target.dataset.waits) { const said = $("#status"); clearTimeout(quiet); said.textContent = event.target.dataset.waits; }
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) $("#status").textContent = ""; for (const button of all("button[data-waits]")) button.disabled = false; });

  const prepare = (home) => {
    for (const time of all("time[datetime]", home)) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.valueOf())) time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    }
    const area = $("[data-editor]");
    if (area) {
      number(area);
      if (!area.dataset.ready) { area.dataset.ready = "1"; area.addEventListener("scroll", () => { $("[data-gutter]").scrollTop = area.scrollTop; }); }
    }
    if (window.matchMedia("(max-width: 61.99rem)").matches) for (const one of all("#question:not([data-seen])")) { one.dataset.seen = "1"; if (!opened.has("question:true")) one.open = false; }
  };
  document.addEventListener("DOMContentLoaded", () => prepare(document));
})();
