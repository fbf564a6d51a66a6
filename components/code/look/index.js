import { startCopying } from "./copying.js";
import { startDialogs } from "./dialogs.js";
import { startEditors } from "./editors.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startNames } from "./names.js";
import { startPullRequests } from "./pull-requests.js";
import { startRepositories } from "./repositories.js";
import { startSidebars } from "./sidebars.js";
import { startTimes } from "./times.js";

for (const start of [
  startTimes,
  startNames,
  startMenus,
  startForms,
  startDialogs,
  startCopying,
  startEditors,
  startSidebars,
  startPullRequests,
  startRepositories,
]) {
  start();
}
