// Keys of the review screen, and passkeys. Everything else works without it; forms are sent as they are.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""));

  // ---- keys: only while the focus is on a row, so that nobody decides by typing elsewhere
  const rows = Array.from(document.querySelectorAll("tr[data-item]"));
  const form = document.querySelector("form[data-review]");
  const box = (row) => row.querySelector("input[type=checkbox]");
  const go = (at) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (row) { box(row).focus(); row.scrollIntoView({ block: "nearest" }); }
  };
  const choose = (row, value) => {
    box(row).checked = true;
    form.querySelector(`input[name=choice][value=${value}]`).checked = true;
    form.querySelector("input[name=reason]").focus();
  };
  const keys = {
    j: (at) => go(at + 1), ArrowDown: (at) => go(at + 1),
    k: (at) => go(at - 1), ArrowUp: (at) => go(at - 1),
    x: (at) => { box(rows[at]).checked = !box(rows[at]).checked; },
    y: (at) => { const keep = rows[at].querySelector("button[name=keep]"); if (keep) keep.click(); },
    r: (at) => choose(rows[at], "revoke"),
    c: (at) => choose(rows[at], "change"),
    n: (at) => choose(rows[at], "not_mine"),
  };
  if (form) {
    form.addEventListener("keydown", (event) => {
      const row = event.target.closest("tr[data-item]");
      const act = keys[event.key];
      if (!row || !act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act(rows.indexOf(row));
    });
    const all = document.querySelector("button[data-all]");
    if (all) {
      all.hidden = false;
      all.addEventListener("click", () => {
        const tick = rows.some((row) => !box(row).checked);
        rows.forEach((row) => { box(row).checked = tick; });
      });
    }
    // After a decision the next row has the focus. The fragment names nothing: a target would take the focus away.
    if (location.hash === "#next") go(0);
  }

  // ---- passkeys: the browser's answer goes into hidden fields, and the form is sent as any other
  const say = (form, words) => { const place = form.querySelector("[role=alert]"); place.textContent = words; place.hidden = false; };
  const make = async (form) => {
    const given = form.dataset;
    const made = await navigator.credentials.create({ publicKey: {
      challenge: bytes(given.challenge),
      rp: { id: given.site, name: "Observant" },
      user: { id: new TextEncoder().encode(given.user), name: given.user, displayName: given.user },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      attestation: "none",
    } });
    const key = made.response.getPublicKey();
    if (!key) throw new Error("this browser cannot read the key of that passkey");
    return { credential: made.id, public: text(key), data: text(made.response.getAuthenticatorData()), client: text(made.response.clientDataJSON) };
  };
  const sign = async (form) => {
    const given = form.dataset;
    const made = await navigator.credentials.get({ publicKey: {
      challenge: bytes(given.challenge),
      rpId: given.site,
      allowCredentials: given.credentials.split(" ").map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
    } });
    const told = made.response;
    return { credential: made.id, data: text(told.authenticatorData), client: text(told.clientDataJSON), signature: text(told.signature) };
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!window.PublicKeyCredential) { say(form, "This browser knows no passkeys here. They work over https, and at localhost."); return; }
      try {
        const answer = await (form.dataset.passkey === "make" ? make(form) : sign(form));
        for (const [name, value] of Object.entries(answer)) form.elements[name].value = value;
        HTMLFormElement.prototype.submit.call(form);
      } catch (problem) {
        say(form, `Nothing was signed: ${problem.message}`);
      }
    });
  }
})();
