// What the Gallery and the Models room share: asking the studio, one window to look at things in, short messages, and
// players. All HTML comes from the studio, where everything that people typed is escaped; the rest is set as text.
const looks = (() => {
  function words(root) {
    root.said ??= JSON.parse(root.dataset.said);
    return root.said;
  }

  async function ask(place, root, options = {}) {
    const address = new URL(place, location.origin);
    address.searchParams.set("lang", root.dataset.lang);
    let answer, told;
    try {
      answer = await fetch(address, options);
      told = await answer.json();
    } catch (lost) {
      if (lost.name === "AbortError") throw lost; // also in the middle of an answer
      throw new Error(words(root).lost);
    }
    if (!answer.ok) throw new Error(told.error || words(root).lost);
    return told;
  }

  const post = (place, root, said = {}) =>
    ask(place, root, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });

  function make(tag, about = {}, ...inside) {
    const element = Object.assign(document.createElement(tag), about);
    element.append(...inside);
    return element;
  }

  function button(label, act, about = {}) {
    return make("button", { type: "button", textContent: label, onclick: act, ...about });
  }

  function note(sentence, label, act) {
    const told = make("div", { className: "empty" }, make("p", { textContent: sentence }));
    if (label) told.append(button(label, act));
    return told;
  }

  // The one window: a work, several side by side, a file that was dropped, a model.
  function show(root, content, label) {
    let look = document.querySelector("dialog.bottega-look");
    if (!look) {
      const bar = make("div", { className: "bar" }), body = make("div", { className: "body" });
      look = make("dialog", { className: "bottega-look" }, bar, body);
      document.body.append(look);
      look.addEventListener("click", (event) => event.target === look && look.close());
      look.addEventListener("close", () => {
        body.replaceChildren();
        const back = look.back?.isConnected ? look.back : look.root?.querySelector(`[data-id="${look.work}"]`);
        back?.focus({ preventScroll: true });
      });
    }
    const close = button("×", () => look.close(), { className: "close", title: words(root).close });
    close.setAttribute("aria-label", words(root).close);
    look.root = root;
    look.lang = root.lang;
    look.setAttribute("aria-label", label);
    look.querySelector(".bar").replaceChildren(close);
    look.querySelector(".body").innerHTML = content;
    look.querySelector(".body").scrollTop = 0;
    if (!look.open) {
      look.back = document.activeElement;
      look.showModal();
    }
    const here = look.querySelector(".lineage .here"), drawn = here?.closest(".drawn");
    if (drawn) drawn.scrollLeft = here.getBoundingClientRect().left - drawn.getBoundingClientRect().left - drawn.clientWidth / 2;
    return look;
  }

  const open = (root) => {
    const look = document.querySelector("dialog.bottega-look[open]");
    return look?.root === root ? look : null;
  };

  // Where something happened: in a room, in the window that it opened, or in neither.
  const within = (root, { target }) =>
    target.closest?.("dialog.bottega-look") ? open(root) : root.contains(target) && root;

  document.addEventListener("keydown", (event) => { // what is drawn in a lineage is pressed like a button
    if (!event.target.matches?.("g[role=button]") || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });

  let fading;
  function tell(root, sentence, label, act) {
    document.querySelector(".bottega-toast")?.remove();
    const toast = make("div", { className: "bottega-toast", lang: root.lang }, make("span", { textContent: sentence }));
    toast.setAttribute("role", "status");
    if (label) toast.append(button(label, () => (toast.remove(), act())));
    (document.querySelector("dialog.bottega-look[open]") || document.body).append(toast);
    clearTimeout(fading);
    fading = setTimeout(() => toast.remove(), label ? 12000 : 7000);
  }

  const trying = (root, act) =>
    (async () => act())().catch((error) => error.name === "AbortError" || tell(root, error.message));

  function leave(message) {
    document.querySelector("dialog.bottega-look[open]")?.close();
    bottega.send(message);
  }

  function take(address) {
    const link = make("a", { href: address, download: "" });
    document.body.append(link);
    link.click();
    link.remove();
  }

  // Rooms are built by Gradio when it likes: each begins when it is there.
  const beginnings = {};
  function find() {
    for (const [selector, start] of Object.entries(beginnings))
      for (const root of document.querySelectorAll(`${selector}:not([data-begun])`)) {
        root.dataset.begun = "";
        start(root);
      }
  }
  function begin(selector, start) {
    beginnings[selector] = start;
    find();
  }
  new MutationObserver(find).observe(document.documentElement, { childList: true, subtree: true });

  // What other rooms send to this one: bottega.send writes it into a hidden box.
  function hear(room, told) {
    document.addEventListener("input", (event) => {
      if (event.target.closest?.(`#send-${room}`)) told(JSON.parse(event.target.value || "{}"));
    });
  }

  // --- players -----------------------------------------------------------------------------------------------------

  const player = new Audio();
  let pressed = null;
  function quiet() {
    player.pause();
    if (pressed) pressed.textContent = "▶";
    pressed = null;
  }
  player.addEventListener("ended", quiet);

  function play(root, id, key) {
    const card = key.closest("[data-id]");
    if (card.dataset.medium === "video") {
      key.hidden = true;
      const film = { src: `/media/${id}/play`, autoplay: true, loop: true, controls: true, playsInline: true };
      return card.querySelector(".face").replaceChildren(make("video", film));
    }
    const again = pressed === key;
    quiet();
    if (again) return;
    [pressed, key.textContent, player.src] = [key, "❚❚", `/media/${id}/play`];
    player.play().catch((error) => error.name === "AbortError" || (quiet(), tell(root, words(root).mute)));
  }

  const media = (key) => [...key.closest(".body").querySelectorAll("audio, video")];
  function together(key) {
    const all = media(key), going = all.some((one) => !one.paused);
    for (const one of all) {
      one.onended = null;
      if (going) one.pause();
      else {
        one.currentTime = 0;
        one.play().catch(() => {});
      }
    }
  }
  function inTurn(key) {
    const all = media(key);
    all.forEach((one, k) => {
      one.pause();
      one.loop = false;
      one.currentTime = 0;
      one.onended = () => all[k + 1]?.play();
    });
    all[0].play().catch(() => {});
  }

  return {
    ...{ ask, post, words, make, button, note, show, open, within, tell, trying, leave, take, begin, hear },
    ...{ quiet, play, together, inTurn },
  };
})();
