// Pages read what a person chose before anything is shown; this one runs before them.
window.localUserSettings = {
  /** @returns {boolean} what was chosen, else the default */
  getBoolean(name, byDefault = false) {
    const kept = window.localStorage.getItem(`gitea.${name}`);
    return kept === null ? byDefault : kept === "true";
  },
  setBoolean(name, value) {
    window.localStorage.setItem(`gitea.${name}`, String(Boolean(value)));
  },
  getString(name, byDefault = "") {
    return window.localStorage.getItem(`gitea.${name}`) ?? byDefault;
  },
};
