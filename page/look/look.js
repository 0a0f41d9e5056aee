// What the page's own thread cannot do from afar: move a pulse along the way of a message.
const nightlight = {
  ways: {
    telemetry: [".up.step1", ".up.step2", ".up.step3"],
    commands: [".down.step3", ".down.step2"],
    led: [".down.step1"],
  },
  pulse(kinds) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const kind of kinds) {
      this.ways[kind].forEach((lane, step) => {
        const element = document.querySelector(".way " + lane);
        if (!element) return;
        const dot = document.createElement("i");
        element.append(dot);
        const there = lane.includes("up") ? ["0%", "100%"] : ["100%", "0%"];
        const frames = calm ? { left: ["50%", "50%"], opacity: [1, 1] } : { left: there, opacity: [1, 1] };
        dot.animate(frames, { duration: calm ? 600 : 220, delay: calm ? 0 : 200 * step, fill: "backwards" })
          .finished.finally(() => dot.remove());
      });
    }
  },
  // When the page has its connection: what only the browser knows.
  begin() {
    // On a phone the messages are below the fold: there they are opened by who wants them.
    const messages = document.querySelector(".messages");
    if (messages && matchMedia("(max-width: 760px)").matches) messages.open = false;
    // A page that was lost is looked for again after 2 s at most, and not after ever more.
    window.socket.io.reconnectionDelayMax(2000);
    return [Intl.DateTimeFormat().resolvedOptions().timeZone, new Date().getTimezoneOffset()];
  },
};
