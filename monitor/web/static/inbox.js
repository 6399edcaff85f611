// Keeps the inbox up to date without moving what the reader looks at. The page works without it.
const EVERY_MS = 5000;
const LOST_AFTER = 2;
const live = document.querySelector("#live");
const policy = window.trustedTypes?.createPolicy("earshot", { createHTML: (html) => html });
const title = document.title;
let mark = "";
let failures = 0;
let unseen = 0;

function parse(html) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}

function rowsOf(root) {
  return new Map([...root.querySelectorAll(".task")].map((row) => [row.dataset.id, row]));
}

/** Whether somebody is working inside this row: then it must not change under the hands. */
function inUse(row) {
  return row.contains(document.activeElement) || row.querySelector("details[open]") !== null;
}

/** Bring one known row up to date. */
function refresh(old, fresh) {
  if (old.dataset.version !== fresh.dataset.version && !inUse(old)) {
    old.replaceWith(fresh);
    return fresh;
  }
  for (const part of [".due", ".meta time"]) {
    const [from, to] = [fresh.querySelector(part), old.querySelector(part)];
    if (from && to && to.outerHTML !== from.outerHTML) to.replaceWith(from);
  }
  return old;
}

/** Make the list the same as the fresh one, row by row. Returns how many rows are new. */
function merge(list, fresh) {
  const known = rowsOf(list);
  let added = 0;
  let place = null;
  for (const [id, row] of rowsOf(fresh)) {
    const old = known.get(id);
    const current = old ? refresh(old, row) : row;
    if (!old) {
      current.classList.add("fresh");
      added += 1;
    }
    known.delete(id);
    const next = place ? place.nextElementSibling : list.firstElementChild;
    if (next !== current) list.insertBefore(current, next);
    place = current;
  }
  for (const gone of known.values()) if (!inUse(gone)) gone.remove();
  return added;
}

function replaceIfChanged(selector, fresh) {
  const [old, now] = [document.querySelector(selector), fresh.querySelector(selector)];
  if (old && now && old.outerHTML !== now.outerHTML && !old.contains(document.activeElement)) {
    old.replaceWith(now);
  }
}

function say(added) {
  unseen = document.hidden ? unseen + added : 0;
  document.title = unseen ? `(${unseen}) ${title}` : title;
  if (added) live.textContent = added === 1 ? live.dataset.one : live.dataset.many.replace("{n}", added);
}

function show(fresh) {
  replaceIfChanged("#views", fresh);
  const [old, now] = [document.querySelector("#list"), fresh.querySelector("#list")];
  const [rows, freshRows] = [old.querySelector(".tasks"), now.querySelector(".tasks")];
  if (!rows || !freshRows) {
    const before = rowsOf(old).size;
    if (old.outerHTML !== now.outerHTML) old.replaceWith(now);
    say(Math.max(0, rowsOf(now).size - before));
    return;
  }
  say(merge(rows, freshRows));
  replaceIfChanged("#list > .sum", fresh);
  replaceIfChanged("#list > .pager", fresh);
}

async function update() {
  try {
    const answer = await fetch(location.href, {
      headers: { "X-Earshot-Part": "list", "If-None-Match": mark },
      credentials: "same-origin",
      cache: "no-store",
    });
    if (answer.redirected) location.reload();
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(String(answer.status));
      show(parse(await answer.text()));
      mark = answer.headers.get("ETag") ?? "";
    }
    failures = 0;
    if (live.classList.contains("lost")) live.textContent = "";
    live.classList.remove("lost");
  } catch {
    failures += 1;
    if (failures === LOST_AFTER) {
      live.textContent = live.dataset.lost;
      live.classList.add("lost");
    }
  }
}

async function run() {
  await update();
  setTimeout(run, EVERY_MS);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
});
setTimeout(run, EVERY_MS);
