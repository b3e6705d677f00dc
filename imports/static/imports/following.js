"use strict";

/* The page of a run that waits or is at work: what changes is fetched and put in its place, so that focus, open
   parts and the place where somebody reads stay. Without scripts the page is loaded anew instead. */
{
  const EVERY = 2000;
  const PARTS = "[data-part], #content-main fieldset";
  const FOCUSABLE = "a[href], input, summary, [tabindex]";

  // Tokens are new with each answer, and people open and close parts: neither is a change.
  const shape = (part) =>
    part.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/ open(="")?(?=[ >])/g, "");

  const label = (element) =>
    `${element.tagName} ${element.getAttribute("aria-label") ?? element.value ?? element.textContent.trim()}`;

  const swap = (part, fresh) => {
    const held = part.contains(document.activeElement) ? document.activeElement : null;
    part.replaceChildren(...fresh.childNodes);
    if (held && !held.isConnected) {
      const same = [...part.querySelectorAll(FOCUSABLE)].find((element) => label(element) === label(held));
      (same ?? document.getElementById("standing-heading")).focus({ preventScroll: true });
    }
  };

  const show = (page) => {
    const fresh = [...page.querySelectorAll(PARTS)];
    document.querySelectorAll(PARTS).forEach((part, place) => {
      if (fresh[place] && shape(part) !== shape(fresh[place])) {
        swap(part, fresh[place]);
      }
    });
    return page.querySelector("[data-following]") !== null;
  };

  const follow = async () => {
    let goesOn = true;
    try {
      const answer = document.hidden ? null : await fetch(location.href, { cache: "no-store" });
      if (answer?.redirected) {
        // Somebody has signed out meanwhile.
        location.reload();
        return;
      }
      if (answer?.ok) {
        goesOn = show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
    } catch {
      // The server cannot be reached; it may be later.
    }
    if (goesOn) {
      setTimeout(follow, EVERY);
    }
  };

  if (document.querySelector("[data-following]")) {
    setTimeout(follow, EVERY);
  }
}
