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
  device: () => decide(true),
};

form?.addEventListener("submit", (event) => {
  const wrong = [...form.querySelectorAll("input[required]")].filter((input) => !judge(input));
  // One without an action of its own is only a question to the next page.
  if (wrong.length > 0 || form.dataset.form) event.preventDefault();
  if (wrong.length > 0) return wrong[0].focus();
  if (form.dataset.form) run(actions[form.dataset.form]);
});

for (const input of form?.querySelectorAll("input[required]") ?? []) {
  // A field that was never filled is judged when the form is sent; one that is wrong, at every key until it is right.
  input.addEventListener("blur", () => input.value.trim() !== "" && judge(input));
  input.addEventListener("input", () => input.getAttribute("aria-invalid") && judge(input));
}

for (const toggle of document.querySelectorAll("[data-shows]")) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const input = document.getElementById(toggle.dataset.shows);
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(shown));
    toggle.textContent = shown ? "Hide" : "Show";
  });
}

if (["welcome", "reset", "join"].includes(form?.dataset.form)) void readLink();

document
  .querySelector("#deny")
  ?.addEventListener("click", () => run(() => (form.dataset.form === "device" ? decide(false) : answer(false))));

// The consent page's choice; the welcome form has a field of the same name to type in.
document.querySelector("select#organisation")?.addEventListener("change", (event) =>
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

/** Asks what the link is good for before anything is typed: one that is used or too old leads to a dead end. */
async function readLink() {
  try {
    const link = await post("/api/identity/link", { token, purpose: form.dataset.form });
    for (const name of ["organisation", "email", "name"]) {
      const input = form.elements.namedItem(name);
      if (input && input.value === "" && link[name]) input.value = link[name];
    }
    const lead = link.lead && document.querySelector(".lead");
    if (lead) lead.textContent = link.lead;
  } catch (error) {
    show(error.message);
    if (error.status !== 400 && error.status !== 404) return;
    for (const part of document.querySelectorAll(".lead, .field, button[type=submit]")) part.hidden = true;
    const way = Object.assign(document.createElement("a"), { href: "/sign-in", textContent: "Sign in" });
    const line = Object.assign(document.createElement("p"), { className: "hint" });
    line.append(way);
    form.append(line);
  }
}

/** Says below the field what is wrong with it. @returns whether nothing is */
function judge(input) {
  const text = input.value.trim();
  const label = input.labels[0].textContent;
  let wrong = "";
  if (text === "") wrong = `${label} is missing.`;
  else if (input.type === "email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(text))
    wrong = "This is not an e-mail address: it needs a name, an @ and a domain, as in name@example.com.";
  else if (input.minLength > 0 && input.value.length < input.minLength)
    wrong = `That is ${input.value.length}; it needs ${input.minLength} characters.`;
  const below = document.getElementById(`${input.id}-wrong`);
  below.textContent = wrong;
  below.hidden = wrong === "";
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return wrong === "";
}

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

/** Lets a machine that shows a code act for the person, or not. What is left then is to look at it again. */
async function decide(accept) {
  const { code: userCode, organisation } = form.dataset;
  const readOnly = form.elements.namedItem("may").value === "read";
  const { name } = await post("/api/identity/devices/decision", { userCode, accept, organisation, readOnly });
  document.querySelector("h1").textContent = accept ? "Signed in" : "Refused";
  document.querySelector(".lead").textContent = accept
    ? `${name} goes on by itself. You can close this page.`
    : `${name} gets nothing. You can close this page.`;
  for (const part of document.querySelectorAll("form, .hint")) part.remove();
  document.querySelector("h1").tabIndex = -1;
  document.querySelector("h1").focus();
  return { stay: true };
}

// Whoever came here on the way to another program goes on to it.
function next() {
  const query = new URLSearchParams(location.search);
  if (query.has("device")) return `/device${query.get("device") && `?code=${encodeURIComponent(query.get("device"))}`}`;
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
    throw new Error("The platform does not answer. Look at `./devflow status`, then try again.");
  }
  const text = await answer.text();
  const data = text ? JSON.parse(text) : undefined;
  if (answer.ok) return data;
  const { code, message = "It did not work.", hint = "" } = data?.error ?? {};
  // The usual advice for a wrong field is for programs; here the sentence names the field.
  const error = new Error(
    code === "INVALID" && hint.startsWith("Correct the named field") ? message : `${message} ${hint}`,
  );
  throw Object.assign(error, { status: answer.status });
}

function show(text) {
  // Commands stand in backquotes.
  const parts = text.split("`").map((part, at) => {
    return at % 2 === 1 ? Object.assign(document.createElement("code"), { textContent: part }) : part;
  });
  problem.replaceChildren(...parts);
  problem.hidden = false;
  problem.focus();
}
