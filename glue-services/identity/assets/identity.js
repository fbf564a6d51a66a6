// The forms of somebody who is not signed in yet. What was typed stays when something is wrong.
const form = document.querySelector("form");
const problem = document.querySelector("#problem");
const button = form?.querySelector("button[type=submit]");
// The token of a one-time link; taken out of the address so that it stays in no history.
const token = location.hash.slice(1);
if (token) history.replaceState(null, "", location.pathname + location.search);

const value = (name) => form.elements.namedItem(name)?.value ?? "";
let needsCode = false;

const actions = {
  welcome: () =>
    post("/api/identity/welcome", {
      token,
      name: value("name"),
      email: value("email"),
      password: value("password"),
      organisation: value("organisation"),
    }),
  reset: () => post("/api/identity/reset", { token, password: value("password") }),
  join: () => post("/api/identity/join", { token, name: value("name"), password: value("password") }),
  async "sign-in"() {
    if (needsCode) {
      const code = value("code").trim();
      const kind = /^\d{6}$/.test(code) ? "verify-totp" : "verify-backup-code";
      return post(`/api/auth/two-factor/${kind}`, { code });
    }
    const answer = await post("/api/auth/sign-in/email", { email: value("email"), password: value("password") });
    if (!answer?.twoFactorRedirect) return answer;
    needsCode = true;
    const field = form.querySelector("[data-field=code]");
    field.hidden = false;
    field.querySelector("input").focus();
    return { stay: true };
  },
  consent: () => answer(true),
};

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const empty = [...form.querySelectorAll("input[required]")].find((input) => input.value.trim() === "");
  if (empty) {
    show(`${empty.labels[0].textContent} is missing.`);
    return empty.focus();
  }
  run(actions[form.dataset.form]);
});

document.querySelector("#deny")?.addEventListener("click", () => run(() => answer(false)));

document.querySelector("#organisation")?.addEventListener("change", (event) =>
  run(async () => {
    // Whoever acts for another organisation here does so on every page.
    await send("PUT", "/api/identity/me/organisation", { organisation: event.target.value });
    location.reload();
    return { stay: true };
  }),
);

document.querySelector("#provider")?.addEventListener("click", () =>
  run(async () => {
    const email = value("email");
    if (!email) throw new Error("Give your e-mail address first: it tells where your organisation signs on.");
    const { url } = await post("/api/auth/sign-in/sso", {
      email,
      callbackURL: next(),
      errorCallbackURL: "/sign-in?failed=1",
    });
    location.assign(url);
    return { stay: true };
  }),
);

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  const passkey = document.querySelector("#passkey");
  if (passkey) passkey.hidden = false;
  passkey?.addEventListener("click", () =>
    run(async () => {
      const options = await (await fetch("/api/auth/passkey/generate-authenticate-options")).json();
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const response = (await navigator.credentials.get({ publicKey })).toJSON();
      return post("/api/auth/passkey/verify-authentication", { response });
    }),
  );
}

if (new URLSearchParams(location.search).has("failed")) show("Your organisation's sign-on did not let you in.");

async function run(action) {
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await action();
    if (!answer?.stay) location.assign(next());
  } catch (error) {
    show(error.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Tells the program that asked what the person decided, with the address it sent them here by. */
async function answer(accept) {
  const scope = [...form.querySelectorAll("[name=scope]:checked")].map((input) => input.value).join(" ");
  const oauth_query = location.search.slice(1);
  const { organisation } = form.dataset;
  const decided = { accept, organisation, ...(accept && { scope }), oauth_query };
  const { url } = await post("/api/auth/oauth2/consent", decided);
  location.assign(url);
  return { stay: true };
}

// Whoever came here on the way to another program goes on to it.
function next() {
  const query = new URLSearchParams(location.search);
  if (!query.has("client_id")) return "/";
  for (const name of ["sig", "exp", "failed"]) query.delete(name);
  for (const name of [...query.keys()]) if (name.startsWith("ba_")) query.delete(name);
  // They have just proved who they are.
  if (query.get("prompt") === "login") query.delete("prompt");
  return `/api/auth/oauth2/authorize?${query}`;
}

function post(address, body) {
  return send("POST", address, body);
}

async function send(method, address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The platform does not answer. Look at ./devflow status, then try again.");
  }
  const text = await answer.text();
  const data = text ? JSON.parse(text) : undefined;
  if (!answer.ok) throw new Error(`${data?.error?.message ?? "It did not work."} ${data?.error?.hint ?? ""}`);
  return data;
}

function show(text) {
  problem.textContent = text;
  problem.hidden = false;
  problem.focus();
}
