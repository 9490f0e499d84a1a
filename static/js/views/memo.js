/** Draw again only if a property is another one: what keeps a list of hundreds cheap to type next to. */

import { Component, h } from "preact";

/**
 * Whether two sets of properties (or states) differ in anything.
 * @param {any} one
 * @param {any} other
 */
export function differ(one, other) {
  for (const name of Object.keys(other)) if (other[name] !== one[name]) return true;
  return Object.keys(one).some((name) => !(name in other));
}

/**
 * @template {object} P
 * @param {(props: P) => any} view
 * @returns {any}
 */
export function memo(view) {
  return class extends Component {
    /** @param {any} next */
    shouldComponentUpdate(next) {
      return differ(this.props, next);
    }

    render() {
      return h(/** @type {any} */ (view), this.props);
    }
  };
}
