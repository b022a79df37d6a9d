// The Models room: a card for each model, and the window in which one is looked at.
looks.begin("[data-shelf]", (root) => {
  const { ask, post, note, show, open: looking, tell, trying, leave } = looks;
  const said = looks.words(root);
  const plates = root.querySelector(".plates"), count = root.querySelector(".count"), trashed = root.querySelector("[name=trashed]");
  let before = null, turn = 0;

  async function load() {
    const mine = ++turn;
    let told;
    try {
      told = await ask(`/shelf/models?trashed=${trashed.checked}`, root);
    } catch (error) {
      [before, count.textContent] = [null, ""];
      return plates.replaceChildren(note(error.message, said.again, load));
    }
    if (mine !== turn || told.html === before) return; // the box was ticked meanwhile, or nothing changed
    [before, plates.innerHTML] = [told.html, told.html];
    count.textContent = told.count === 1 ? said.one : told.count ? said.count.replace("{total}", told.count) : "";
    if (told.count) return;
    plates.append(trashed.checked ? note(said.clean) : note(said.none, said.train, () => bottega.send({ room: "train" })));
  }

  async function open(id) {
    const told = await ask(`/shelf/models/${id}`, root);
    show(root, told.html, told.name).work = id;
  }

  async function away(id, restore = false) {
    looking(root)?.close();
    const told = await post(`/shelf/models/${id}/${restore ? "restore" : "trash"}`, root);
    await load();
    tell(root, told.said, said.undo, () => trying(root, () => away(id, !restore)));
  }

  async function queued(id, act) {
    const told = await post(`/shelf/models/${id}/${act}`, root);
    tell(root, told.said, said.queue, () => leave({ room: "queue" }));
  }

  const doing = {
    open,
    make: (id) => leave({ room: "make", model: id }),
    train: (id) => leave({ room: "train", model: id }),
    works: (id) => leave({ room: "gallery", model: id }),
    measure: (id) => queued(id, "measure"),
    gguf: (id) => queued(id, "gguf"),
    zip: (id) => looks.take(`/shelf/models/${id}/zip?lang=${root.dataset.lang}`),
    trash: (id) => away(id),
    restore: (id) => away(id, true),
  };

  document.addEventListener("click", (event) => {
    if (!looks.within(root, event)) return;
    const [act, work, model] = ["button[data-do]", "[data-work]", "[data-model]"].map((it) => event.target.closest(it));
    if (act) trying(root, () => doing[act.dataset.do]?.(act.closest("[data-id]").dataset.id));
    else if (work) leave({ room: "gallery", works: [work.dataset.work] });
    else if (model) trying(root, () => open(model.dataset.model));
  });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!looks.within(root, event)) return;
    if (target.matches(".plate") && key === "Enter") trying(root, () => open(target.dataset.id));
    else if (target.matches(".plate") && key === "Delete" && !trashed.checked) trying(root, () => away(target.dataset.id));
  });

  trashed.addEventListener("change", load);
  new IntersectionObserver(([seen]) => seen.isIntersecting && load()).observe(root.querySelector(".tools"));
  looks.hear("models", (message) => message.model && trying(root, () => open(message.model)));
});
