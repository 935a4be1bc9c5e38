// The two passkey ceremonies: make one, sign in with one (by button, and by the browser's own offer in the field).

let waiting = null;

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

function toText(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function listed(credentials) {
  return credentials?.map((credential) => ({ ...credential, id: toBytes(credential.id) }));
}

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  const user = { ...json.user, id: toBytes(json.user.id) };
  return { ...json, challenge: toBytes(json.challenge), user, excludeCredentials: listed(json.excludeCredentials) };
}

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: listed(json.allowCredentials) };
}

function plain(credential) {
  try {
    return credential.toJSON();
  } catch {
    // Older browsers, and password managers that replace the object, have no toJSON that works.
  }
  const { response } = credential;
  const said = { clientDataJSON: toText(response.clientDataJSON) };
  for (const key of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[key]) said[key] = toText(response[key]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: said,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function post(address, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error("refused"), { sentence: json.title });
  return json;
}

export default function passkey(element) {
  const { optionsUrl, verifyUrl } = element.dataset;
  const button = element.querySelector("button[data-passkey]");
  const otherwise = element.querySelector("[data-passkey-else]");
  const line = element.querySelector("[data-passkey-say]");
  if (!button) return;
  if (typeof PublicKeyCredential === "undefined") {
    button.hidden = true;
    if (otherwise) otherwise.hidden = false;
    return;
  }
  const kind = button.dataset.passkey;

  function say(text) {
    if (!line) return;
    line.textContent = text ?? "";
    line.hidden = !text;
  }

  async function ceremony(mediation) {
    // What the browser offers by itself never stops what somebody pressed.
    if (mediation && waiting) return;
    waiting?.abort();
    const mine = new AbortController();
    waiting = mine;
    const json = await post(optionsUrl, {});
    if (mine.signal.aborted) return;
    const { signal } = mine;
    const credential =
      kind === "register"
        ? await navigator.credentials.create({ publicKey: creationOptions(json), signal })
        : await navigator.credentials.get({ publicKey: requestOptions(json), mediation, signal });
    const fields = Object.fromEntries([...element.querySelectorAll("input[name]")].map(({ name, value }) => [name, value]));
    const { location: next } = await post(verifyUrl, { credential: plain(credential), fields });
    location.assign(next);
  }

  function explain(error) {
    if (error.name === "AbortError") return;
    const { sayCancelled, sayExists, sayFailed } = element.dataset;
    const words = { NotAllowedError: sayCancelled, InvalidStateError: sayExists };
    say(error.sentence ?? words[error.name] ?? sayFailed);
  }

  button.addEventListener("click", async () => {
    say("");
    button.disabled = true;
    await ceremony().catch(explain);
    button.disabled = false;
  });

  if (kind === "sign-in" && "conditional" in element.dataset) {
    PublicKeyCredential.isConditionalMediationAvailable?.().then((isThere) => isThere && ceremony("conditional").catch((error) => error.sentence && explain(error)), () => {});
  }
}
