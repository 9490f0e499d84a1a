/** The style page: a list of sections, and of each its specimens, once light and once dark. Each in a form: radios are by form. */

import { html } from "htm/preact";
import { Component } from "preact";
import { Dialogs } from "parley/views/dialogs.js";
import { Popovers } from "parley/views/popover.js";
import { SECTIONS } from "parley/styles/specimens.js";

/** @param {{ language: string, languages: [string, string][], density: string }} props */
export function Styles(props) {
  const { language, languages, density } = props;
  const compact = density === "compact";
  const zh = language === "zh-hans" ? 1 : 0;
  const address = (/** @type {string} */ code, /** @type {boolean} */ tight) => `?language=${code}${tight ? "&compact" : ""}`;
  return html`<header class="styles-head">
      <h1>${["Styles", "样式"][zh]}</h1>
      <nav aria-label=${["Sections", "各部分"][zh]}>${SECTIONS.map(({ id, title }) => html`<a key=${id} href=${`#${id}`}>${title[zh]}</a>`)}</nav>
      <p>${languages.map(([code, name]) => html`<a key=${code} href=${address(code, compact)} aria-current=${code === language ? "true" : undefined}>${name}</a>`)}
        <a href=${address(language, !compact)}>${compact ? ["Cozy", "宽松"][zh] : ["Compact", "紧凑"][zh]}</a></p>
    </header>
    ${SECTIONS.map(({ id, title, wide, specimens }) => html`<section key=${id} id=${id} class="styles-section">
      <h2>${title[zh]}</h2>
      ${specimens.map(({ name, size = "", view }) => html`<article key=${name} class="specimen">
        <h3>${name}</h3>
        <div class=${wide ? "themes wide" : "themes"}>${["light", "dark"].map((theme) => html`<form key=${theme} class=${`theme theme-${theme} ${size}`} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}><${Guard} draw=${() => view(props)} /></form>`)}</div>
      </article>`)}
    </section>`)}
    <${Dialogs} /><${Popovers} />`;
}

/** A specimen that cannot be drawn says so, and only that one. */
class Guard extends Component {
  /** @param {{ draw: () => any }} props */
  constructor(props) {
    super(props);
    this.state = { error: "" };
  }

  /** @param {unknown} error */
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error: String(error) });
  }

  render() {
    return this.state.error ? html`<p class="error-text" data-broken>${this.state.error}</p>` : this.props.draw();
  }
}
