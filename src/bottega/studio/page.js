// What the page does by itself: sends between rooms, and the language that is kept.
const bottega = {
  send(message) {
    const box = document.querySelector(`#send-${message.room} textarea, #send-${message.room} input`);
    if (!box) return;
    box.value = JSON.stringify({ ...message, at: Date.now() });
    box.dispatchEvent(new Event("input", { bubbles: true }));
  },
};
document.cookie = `bottega-language=${location.pathname.slice(1, 3)}; path=/; max-age=31536000; SameSite=Strict`;
