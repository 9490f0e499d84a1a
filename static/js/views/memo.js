/** Draw again only if a property is another one: what keeps a list of hundreds cheap to type next to. */

import { Component, h } from "preact";

/**
 * @template {object} P
 * @param {(props: P) => any} view
 * @returns {any}
 */
export function memo(view) {
  return class extends Component {
    /** @param {any} next */
    shouldComponentUpdate(next) {
      const props = /** @type {any} */ (this.props);
      for (const name of Object.keys(next)) if (next[name] !== props[name]) return true;
      return Object.keys(props).some((name) => !(name in next));
    }

    render() {
      return h(/** @type {any} */ (view), this.props);
    }
  };
}
