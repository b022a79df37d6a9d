// What the page does by itself: sends between rooms, what was typed, results as they come, passages of sounds.
(() => {
  const language = location.pathname.slice(1, 3);
  document.cookie = `bottega-language=${language}; path=/; max-age=31536000; SameSite=Strict`;
  const enter = (box, value) => {
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // The latest look at /make/results; players are only drawn anew when something else was made.
  let seen = "", drawn = "", soon = 0, turn = 0;
  const wrong = (sentence) => Object.assign(document.createElement("p"), { className: "wrong", textContent: sentence });
  const look = async (scroll) => {
    clearTimeout(soon);
    const mine = ++turn, place = document.getElementById("make-results");
    let wait = 4000;
    if (place && place.offsetParent !== null && !document.hidden) {
      try {
        const known = place.firstChild ? seen : "";
        const answer = await fetch(`/make/results?lang=${language}&seen=${encodeURIComponent(known)}`);
        const { active, done, busy, seen: now, error } = await answer.json();
        if (mine !== turn) return; // another look began meanwhile, and the next one follows that
        if (!place.firstChild) {
          place.innerHTML = '<div class="active"></div><div class="done"></div>';
          drawn = "";
        }
        const shown = answer.ok ? active : wrong(error).outerHTML;
        if (drawn !== shown) place.children[0].innerHTML = drawn = shown;
        if (done !== undefined) place.children[1].innerHTML = done;
        if (answer.ok) [seen, wait] = [now, busy ? 700 : 3000];
        if (scroll && innerWidth < 900) place.scrollIntoView({ behavior: "smooth", block: "start" });
      } catch {
        wait = 2000; // the studio is closed for now; jobs go on without it
      }
    } else if (place) wait = 500;
    if (mine === turn) soon = setTimeout(look, wait);
  };

  window.bottega = {
    look,
    // Moves to a room with something in hand: {room, works, model, again, vary, job …}
    send(message) {
      const box = document.querySelector(`#send-${message.room} textarea, #send-${message.room} input`);
      if (box) enter(box, JSON.stringify({ ...message, at: Date.now() }));
    },
    // What the browser keeps, with what was typed into the form of an act.
    typed([act, ...names], [kept, seed, lock, ...values]) {
      const now = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      return { ...kept, seed: seed ?? 0, lock: !!lock, typed: { ...kept.typed, [act]: now } };
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-send], [data-cancel]");
    if (!button) return;
    if (button.dataset.send) return bottega.send(JSON.parse(button.dataset.send));
    button.disabled = true;
    fetch(`/make/cancel/${button.dataset.cancel}?lang=${language}`, { method: "POST" })
      .catch(() => {}) // the studio is closed for now
      .then(() => ((button.disabled = false), look()));
  });

  // A passage of a sound or film, marked with the pointer, goes into the fields that name it.
  const mark = (span, from, to) => {
    const seconds = +span.dataset.seconds;
    const [a, b] = [Math.min(from, to), Math.max(from, to)].map((x) => Math.min(Math.max(x, 0), 1));
    const passage = span.querySelector(".passage");
    passage.style.left = `${a * 100}%`;
    passage.style.width = `${(b - a) * 100}%`;
    const fields = span.dataset.for.split(" ").map((name) => document.querySelector(`#set-${name} :is(input, textarea)`));
    const times = [a, b].map((x) => (x * seconds).toFixed(2));
    if (fields.length === 2) fields.forEach((field, i) => field && enter(field, times[i]));
    else if (fields[0]) enter(fields[0], times.join("-"));
    const player = span.parentElement.querySelector("audio, video");
    if (player) player.currentTime = a * seconds;
  };
  document.addEventListener("pointerdown", (event) => {
    const span = event.target.closest?.(".span");
    if (!span) return;
    event.preventDefault();
    const at = (e) => (e.clientX - span.getBoundingClientRect().left) / span.clientWidth;
    const from = at(event);
    const over = new AbortController(), { signal } = over;
    addEventListener("pointermove", (e) => mark(span, from, at(e)), { signal });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => over.abort(), { signal });
  });

  // Another act is chosen: the button is not to begin the former one while the new form is on its way.
  let awaited = 0;
  const awaitForm = (act, looks = 200) => { // for ten seconds: what was in hand may be gone, and another act there
    clearTimeout(awaited);
    const start = document.getElementById("start"), fits = start?.classList.contains(`for-${act.replace("/", "-")}`);
    start?.toggleAttribute("data-waiting", !fits && looks > 0);
    if (start && !fits && looks > 0) awaited = setTimeout(awaitForm, 50, act, looks - 1);
  };
  document.addEventListener("input", ({ target }) => target.closest?.("#acts") && awaitForm(target.value));
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#start[data-waiting]")) event.stopImmediatePropagation();
  }, true);

  addEventListener("visibilitychange", () => document.hidden || look());
  look();
})();
