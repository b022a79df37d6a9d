// What is done with works in the Gallery: opened, rated, tagged, compared, put away and sent to other rooms.
looks.works = (room) => {
  const { root, said, tools, pages } = room;
  const { ask, post, make, show, tell, trying, leave, open: looking } = looks;

  async function open(id) {
    const told = await ask(`/gallery/works/${id}`, root);
    const look = show(root, told.html, said.work), at = room.ids.indexOf(id);
    look.work = id;
    for (const stars of look.querySelectorAll(".sides .stars")) stars.tabIndex = 0;
    const step = (by, sign, label) => {
      const off = { disabled: at < 0 || !room.ids[at + by], title: label, className: by < 0 ? "before" : "after" };
      const key = looks.button(sign, () => trying(root, () => open(room.ids[at + by])), off);
      key.setAttribute("aria-label", label);
      return key;
    };
    if (at >= 0) look.querySelector(".bar").prepend(step(-1, "←", said.before), step(1, "→", said.after));
  }

  room.compare = async (all) => {
    show(root, (await ask(`/gallery/beside?ids=${all.join(",")}`, root)).html, said.beside).work = null;
  };

  // Into the trash, or out of it again, with a way back.
  room.away = async (all, restore = false) => {
    let told;
    try {
      for (const id of all) {
        told = await post(`/gallery/works/${id}/${restore ? "restore" : "trash"}`, root);
        room.picked.delete(id);
      }
    } finally {
      await room.load();
    }
    const sentence = all.length === 1 ? told.said : said[restore ? "back" : "away"].replace("{count}", all.length);
    tell(root, sentence, said.undo, () => trying(root, () => room.away(all, !restore)));
  };

  async function rate(id, stars) {
    const told = await post(`/gallery/works/${id}`, root, { stars });
    room.refresh(id, told);
    const holder = looking(root)?.querySelector(`[data-id="${id}"] .stars`);
    if (!holder) return;
    const fresh = make("ul", { innerHTML: told.card }).querySelector(".stars"), focused = holder === document.activeElement;
    fresh.tabIndex = holder.tabIndex;
    holder.replaceWith(fresh);
    if (focused) fresh.focus();
  }

  async function tag(id, change) {
    const told = await post(`/gallery/works/${id}`, root, change);
    room.refresh(id, told);
    const holder = looking(root)?.querySelector(".tagged");
    if (holder) holder.innerHTML = told.tags;
    if (change.add) holder?.querySelector("input").focus();
    room.choices().catch(() => {});
  }

  async function name(id, field) {
    const told = await post(`/gallery/works/${id}`, root, { title: field.value });
    field.value = told.title;
    room.refresh(id, told);
  }

  async function dropped(file) {
    tell(root, said.reading);
    const sent = { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } };
    const told = await ask(`/gallery/dropped?name=${encodeURIComponent(file.name)}`, root, sent);
    document.querySelector(".bottega-toast")?.remove();
    show(root, told.html, file.name).work = null;
  }

  async function withDropped(key, act) {
    return post(`/gallery/dropped/${key.closest("[data-content]").dataset.content}/${act}`, root);
  }

  const queued = (told) => tell(root, told.said, said.queue, () => leave({ room: "queue" }));

  const doing = {
    play: (id, key) => looks.play(root, id, key),
    together: (_id, key) => looks.together(key),
    "in-turn": (_id, key) => looks.inTurn(key),
    restore: (id) => room.away([id], true),
    trash: (id) => (looking(root)?.close(), room.away([id])),
    again: (id) => leave({ room: "make", again: id }),
    vary: (id) => leave({ room: "make", vary: id }),
    parent: (id) => leave({ room: "make", works: [id] }),
    remake: async (id) => queued(await post(`/gallery/works/${id}/remake`, root)),
    download: (id) => looks.take(`/gallery/works/${id}/file?lang=${root.dataset.lang}`),
    untag: (id, key) => tag(id, { remove: key.dataset.tag }),
    "find-tag": async (_id, key) => {
      looking(root)?.close();
      tools.reset();
      await room.choices();
      tools.tag.value = key.dataset.tag;
      await room.load();
    },
    "dropped-open": (id) => open(id),
    "dropped-again": async (_id, key) => queued(await withDropped(key, "again")),
    "dropped-keep": async (_id, key) => {
      const told = await withDropped(key, "keep");
      await room.load();
      await open(told.work);
      tell(root, told.said);
    },
  };

  // --- hands and keys ----------------------------------------------------------------------------------------------

  const mine = (event) => looks.within(root, event);
  const idOf = (target) => target.closest("[data-id]")?.dataset.id;

  document.addEventListener("click", (event) => {
    if (!mine(event)) return;
    const at = (selector) => event.target.closest(selector);
    const star = at("[data-stars]"), act = at("button[data-do]"), work = at("[data-work]"), model = at("[data-model]");
    if (star) {
      const now = Number(star.parentElement.getAttribute("aria-valuenow")), given = Number(star.dataset.stars);
      trying(root, () => rate(idOf(star), now === given ? 0 : given));
    } else if (act) {
      trying(root, () => doing[act.dataset.do]?.(idOf(act), act));
    } else if (work && !at("video") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      trying(root, () => open(work.dataset.work));
    } else if (model) leave({ room: "models", model: model.dataset.model });
  });

  document.addEventListener("change", (event) => {
    const { target } = event;
    if (!mine(event)) return;
    if (target.dataset.do === "pick") {
      room.picked[target.checked ? "add" : "delete"](idOf(target));
      room.mark();
    } else if (target.dataset.do === "name") trying(root, () => name(idOf(target), target));
    else if (target.name === "file" && target.files.length) {
      const file = target.files[0];
      trying(root, () => dropped(file)).finally(() => (target.value = ""));
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!mine(event) || form.dataset.do !== "tag") return;
    event.preventDefault();
    if (form.elements.tag.value.trim()) trying(root, () => tag(idOf(form), { add: form.elements.tag.value }));
  });

  document.addEventListener("keydown", (event) => {
    const where = mine(event), { key, target } = event;
    if (!where || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input:not([type=checkbox]), select, textarea, audio, video")) return;
    const card = target.closest(".work"), id = card?.dataset.id ?? idOf(target) ?? (where !== root ? where.work : null);
    const done = (act) => (event.preventDefault(), trying(root, act));
    if (id && /^[0-5]$/.test(key) && !tools.trashed.checked) return done(() => rate(id, Number(key)));
    if (target.matches(".stars") && /^Arrow/.test(key)) {
      const by = key === "ArrowRight" || key === "ArrowUp" ? 1 : -1;
      return done(() => rate(id, Math.max(0, Math.min(5, Number(target.getAttribute("aria-valuenow")) + by))));
    }
    if (where !== root && key === "ArrowLeft") return where.querySelector(".bar .before")?.click();
    if (where !== root && key === "ArrowRight") return where.querySelector(".bar .after")?.click();
    if (target !== card) return;
    if (key === "Enter") return done(() => open(id));
    if (key === " ") return done(() => card.querySelector("[data-do=pick]")?.click());
    if (key === "Delete" && !tools.trashed.checked) return done(() => room.away([id]));
    const all = [...pages.querySelectorAll(".work")], by = room.columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -by, ArrowDown: by };
    const goal = key in steps && all[all.indexOf(card) + steps[key]];
    if (goal) done(() => goal.focus());
  });

  for (const kind of ["dragover", "dragleave", "drop"])
    root.addEventListener(kind, (event) => {
      event.preventDefault();
      root.classList.toggle("over", kind === "dragover");
      const file = kind === "drop" && event.dataTransfer.files[0];
      if (file) trying(root, () => dropped(file));
    });

  looks.hear("gallery", (message) => {
    if (message.works?.length === 1) trying(root, () => open(message.works[0]));
    else if (message.works?.length) trying(root, () => room.compare(message.works.slice(0, 4)));
    else if (message.model)
      trying(root, async () => {
        tools.reset();
        await room.choices();
        tools.model.value = [...tools.model.options].find((one) => one.value.startsWith(message.model))?.value ?? "";
        await room.load();
      });
  });
  if (/^#work-[0-9a-f]+$/.test(location.hash)) trying(root, () => open(location.hash.slice(6)));
};
