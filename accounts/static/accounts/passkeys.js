// Passkeys on the pages around signing in: a form with data-passkey asks the browser for a credential before it is sent.
//
// data-passkey="create" | "get"; the options are in data-options, or fetched from the form's own address. A hidden
// field `credential` takes the answer as JSON. A checkbox `passwordless` says whether the key is to sign in alone.
// Where there can be no passkeys (an old browser, an address that is a number), the form says so; one that is
// data-passkey-optional goes away.

const usable = 'PublicKeyCredential' in window && !/^[\d.]+$|^\[/.test(window.location.hostname);

/** @param {string} text base64url */
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));

/** @param {ArrayBuffer} buffer */
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** The options as the browser wants them: bytes where JSON has base64url. */
const decoded = (publicKey) => ({
  ...publicKey,
  challenge: bytes(publicKey.challenge),
  ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
  ...Object.fromEntries(
    ['excludeCredentials', 'allowCredentials']
      .filter((name) => publicKey[name])
      .map((name) => [name, publicKey[name].map((known) => ({ ...known, id: bytes(known.id) }))]),
  ),
});

/** The browser's answer as JSON. Some password managers answer with less than the whole, so each part is asked for. */
const encoded = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: Object.fromEntries([
    ...['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
      .filter((name) => credential.response[name])
      .map((name) => [name, text(credential.response[name])]),
    ...(credential.response.getTransports ? [['transports', credential.response.getTransports()]] : []),
  ]),
});

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const answer = await fetch(form.action, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`no options: ${answer.status}`);
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const publicKey = decoded(await options(form));
  if (form.dataset.passkey === 'get') return navigator.credentials.get({ publicKey });
  const alone = Boolean(form.elements.passwordless?.checked);
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? 'required' : 'discouraged',
    requireResidentKey: alone,
    ...(alone && { userVerification: 'required' }),
  };
  return navigator.credentials.create({ publicKey });
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const failed = document.querySelector('[data-passkey-failed]');
  if (!usable) {
    form.hidden = true;
    failed.hidden = 'passkeyOptional' in form.dataset;
    continue;
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button[type="submit"]');
    button.disabled = true;
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(encoded(await ask(form)));
      form.submit();
    } catch {
      // Cancelled, timed out, or no passkey for this site: the browser has said which.
      failed.hidden = false;
      button.disabled = false;
    }
  });
}
