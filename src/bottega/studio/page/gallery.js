// The Gallery: works found as one types, in pages of cards that come and go while one scrolls.
looks.begin("[data-gallery]", (root) => {
  const { ask, make, button, note, trying } = looks;
  const said = looks.words(root);
  const tools = root.querySelector(".tools"), pages = root.querySelector(".pages"), count = root.querySelector(".count");
  const chosen = make("div", { className: "chosen", hidden: true }), end = make("div", { className: "end" });
  const AHEAD = 1500; // pixels below the window in which the next page is fetched
  const PAGE = 60; // cards, about: full rows
  chosen.setAttribute("role", "toolbar");
  root.append(end, chosen);

  const room = { root, said, tools, pages, picked: new Set(), ids: [], total: 0, columns: 0, load, mark, refresh, choices };
  let going = null, asked = "", first = "";

  const wishes = () => {
    const wish = new URLSearchParams();
    for (const [name, value] of new FormData(tools))
      if (typeof value === "string" && value.trim()) wish.set(name, value);
    return wish;
  };

  function columns() {
    const probe = make("ul", { className: "page" });
    pages.append(probe);
    const found = getComputedStyle(probe).gridTemplateColumns.split(" ").length;
    probe.remove();
    return found;
  }

  // A page far away gives its cards up, keeps its height, and takes them back when it comes near again.
  const near = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting && target.kept) {
        [target.innerHTML, target.kept, target.style.height] = [target.kept, "", ""];
        mark();
      } else if (!isIntersecting && !target.kept && target.childElementCount && root.offsetParent) {
        target.style.height = `${target.offsetHeight}px`;
        target.kept = target.innerHTML;
        target.replaceChildren();
      }
    }
  }, { rootMargin: "2500px 0px" });

  const wanted = () => root.offsetParent && room.ids.length < room.total && end.getBoundingClientRect().top < innerHeight + AHEAD;
  new IntersectionObserver(() => !going && wanted() && next(), { rootMargin: `${AHEAD}px 0px` }).observe(end);

  async function next() {
    const mine = (going = new AbortController());
    const wish = new URLSearchParams(asked);
    wish.set("offset", room.ids.length);
    wish.set("limit", room.columns * Math.ceil(PAGE / room.columns));
    try {
      add(await ask(`/gallery/works?${wish}`, root, { signal: mine.signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      room.total = room.ids.length;
      count.textContent = "";
      if (!room.ids.length) pages.replaceChildren();
      pages.append(note(error.message, said.again, load));
    } finally {
      if (going === mine) going = null;
    }
    if (!going && wanted()) next();
  }

  function add(told) {
    if (!room.ids.length) {
      pages.replaceChildren();
      first = told.ids[0] || "";
    }
    room.ids.push(...told.ids);
    room.total = told.ids.length ? told.total : room.ids.length;
    count.textContent = room.total === 1 ? said.one : said.count.replace("{total}", room.total.toLocaleString(root.lang));
    if (!room.ids.length) return empty();
    const page = make("ul", { className: "page", innerHTML: told.html });
    pages.append(page);
    near.observe(page);
    mark();
  }

  function load() {
    going?.abort();
    looks.quiet();
    near.disconnect();
    [room.ids, room.total, room.columns, asked] = [[], 0, columns(), wishes().toString()];
    return next();
  }

  function empty() {
    count.textContent = "";
    if ([...wishes().keys()].some((name) => name !== "order" && name !== "trashed"))
      return pages.append(note(said.nothing, said.unfilter, () => (tools.reset(), load())));
    if (tools.trashed.checked) return pages.append(note(said.clean));
    const told = note(said.none, said.make, () => bottega.send({ room: "make" }));
    told.append(" ", button(said.scan, () => trying(root, async () => {
      const { said: sentence } = await looks.post("/gallery/scan", root);
      looks.tell(root, sentence, said.queue, () => bottega.send({ room: "queue" }));
    })));
    pages.append(told);
  }

  // The choices of the filters, what was chosen staying so.
  async function choices() {
    const told = await ask("/gallery/choices", root);
    for (const name of ["operation", "model", "tag"]) {
      const before = tools[name].value;
      tools[name].innerHTML = told[name];
      tools[name].value = before;
      if (tools[name].selectedIndex < 0) tools[name].value = "";
    }
    const tags = [...tools.tag.options].slice(1).map((one) => make("option", { value: one.value }));
    root.querySelector("datalist").replaceChildren(...tags);
  }

  let typing, resizing;
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", (event) => {
    if (event.target.name === "file") return;
    clearTimeout(typing);
    typing = setTimeout(load, event.target.name === "words" ? 180 : 0);
  });
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => root.offsetParent && room.columns && columns() !== room.columns && load(), 200);
  });
  root.querySelector(".filters").open = innerWidth > 720;

  // When the room is seen again, whatever was made meanwhile is there.
  new IntersectionObserver(([seen]) => seen.isIntersecting && trying(root, async () => {
    choices().catch(() => {});
    if (!room.columns) return load();
    const told = await ask(`/gallery/works?${asked}&limit=1`, root);
    if ((told.ids[0] || "") !== first || told.total !== room.total) await load();
  })).observe(tools);

  function refresh(id, told) {
    const which = `.work[data-id="${id}"]`, card = pages.querySelector(which);
    if (card) {
      const focused = card.contains(document.activeElement);
      card.outerHTML = told.card;
      if (focused) pages.querySelector(which).focus();
      return mark();
    }
    const far = [...pages.children].find((page) => page.kept?.includes(`data-id="${id}"`));
    if (!far) return;
    const list = make("ul", { innerHTML: far.kept });
    list.querySelector(which).outerHTML = told.card;
    far.kept = list.innerHTML;
  }

  // Shows which works are chosen, and what can be done with all of them.
  function mark() {
    for (const card of pages.querySelectorAll(".work")) {
      const on = room.picked.has(card.dataset.id), box = card.querySelector("[data-do=pick]");
      card.classList.toggle("picked", on);
      if (box) box.checked = on;
    }
    const all = [...room.picked];
    chosen.hidden = !all.length;
    if (!all.length) return;
    const several = all.length < 2 || all.length > 4;
    chosen.replaceChildren(
      make("span", { textContent: said.chosen.replace("{count}", all.length) }),
      button(said.beside, () => trying(root, () => room.compare(all)), { disabled: several, title: several ? said.many : "" }),
      button(said.parents, () => bottega.send({ room: "make", works: all })),
      button(said.export, () => looks.take(`/gallery/export?ids=${all.join(",")}&lang=${root.dataset.lang}`)),
      button(said.trash, () => trying(root, () => room.away(all))),
      button(said.clear, () => (room.picked.clear(), mark())));
  }

  looks.works(room);
});
