/** A finger that rests on something opens its menu, as a mouse does with its other button. */

/** So long it rests; one that goes so far scrolls. */
const PRESS_MS = 450;
const PRESS_PX = 10;

export class LongPress {
  /**
   * @param {(event: PointerEvent) => (() => boolean) | null} asked what a press that begins here would open, null:
   *   nothing; the function opens it and says whether it did
   */
  constructor(asked) {
    this.asked = asked;
    /** Whether the finger that is down, or was lifted last, has opened something. */
    this.opened = false;
    this.timer = 0;
    this.x = 0;
    this.y = 0;
  }

  /** @param {PointerEvent} event */
  down = (event) => {
    this.opened = false;
    this.lift();
    const open = event.pointerType === "touch" ? this.asked(event) : null;
    if (!open) return;
    this.x = event.clientX;
    this.y = event.clientY;
    this.timer = window.setTimeout(() => {
      this.opened = open();
      if (this.opened) swallowClick();
    }, PRESS_MS);
  };

  /** @param {PointerEvent} event */
  move = (event) => {
    if (Math.hypot(event.clientX - this.x, event.clientY - this.y) > PRESS_PX) this.lift();
  };

  lift = () => clearTimeout(this.timer);
}

/** The finger that opened the menu is lifted, wherever that is by now, also over the menu: that chooses nothing. */
function swallowClick() {
  const swallow = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    done();
  };
  const done = () => {
    removeEventListener("click", swallow, true);
    removeEventListener("pointerdown", done, true);
    removeEventListener("keydown", done, true);
  };
  addEventListener("click", swallow, true);
  // A lifted finger need not click; the next one means it.
  addEventListener("pointerdown", done, true);
  addEventListener("keydown", done, true);
}
