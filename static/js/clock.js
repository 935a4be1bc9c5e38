// How far this phone's clock is from the server's, kept for when there is no network: o2o.clock {offset, at}, in ms.

// A slow answer says little about the time at which it was written.
const TRUSTED = 2000;

/** Give the time that the server would say, in milliseconds. */
export function now() {
  try {
    return Date.now() + (JSON.parse(localStorage.getItem("o2o.clock"))?.offset ?? 0);
  } catch {
    return Date.now();
  }
}

export default function clock(element) {
  let sent = 0;
  element.addEventListener("htmx:beforeSend", ({ target }) => {
    if (target === element) sent = Date.now();
  });
  element.addEventListener("htmx:beforeSwap", note);
  element.addEventListener("htmx:afterRequest", note);

  function note({ target, detail }) {
    const said = Number(detail.xhr.getResponseHeader("X-O2O-Now"));
    const at = Date.now();
    if (target !== element || !said || !sent || at - sent > TRUSTED) return;
    const offset = Math.round(said - (sent + at) / 2);
    sent = 0;
    try {
      localStorage.setItem("o2o.clock", JSON.stringify({ offset, at }));
    } catch {
      // The phone's own clock will have to do.
    }
  }
}
