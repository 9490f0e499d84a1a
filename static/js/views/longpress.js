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
    /** Whether the finger that is down, or was just lifted, has opened something. */
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
    }, PRESS_MS);
  };

  /** @param {PointerEvent} event */
  move = (event) => {
    if (Math.hypot(event.clientX - this.x, event.clientY - this.y) > PRESS_PX) this.lift();
  };

  lift = () => clearTimeout(this.timer);

  /**
   * Whether this click is only the finger that opened the menu being lifted: that chooses nothing.
   * @param {MouseEvent} event
   */
  swallows(event) {
    if (!this.opened) return false;
    this.opened = false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
