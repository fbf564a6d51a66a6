import { ApiError } from "../kit/index.ts";

/** What a refusal of an endpoint says; the sign-in library's own words are for programmers and reach nobody. */
const refusals: Record<string, { message: string; hint: string }> = {
  "/sign-in/email": {
    message: "The address or the password is not right.",
    hint: "Try again. An administrator can make a link for a new password.",
  },
  "/sign-in/sso": {
    message: "No sign-on of an organisation is set up for this e-mail address.",
    hint: "Check the address, or sign in with your password.",
  },
  "/passkey/verify-authentication": {
    message: "This passkey is not known here, or was removed.",
    hint: "Use another one, or your password.",
  },
  "/passkey/verify-registration": {
    message: "The passkey could not be added: it was cancelled, took too long, or is there already.",
    hint: "Try again.",
  },
  "/passkey/delete-passkey": { message: "There is no such passkey any more.", hint: "Load the page again." },
  "/two-factor/verify-totp": {
    message: "The code is not right, or too old.",
    hint: "Use the one that your authenticator shows now, and check that device’s clock.",
  },
  "/two-factor/verify-backup-code": {
    message: "The code is not right, or was used already.",
    hint: "Each backup code works once; take another one.",
  },
  "/two-factor/enable": { message: "The password is not right.", hint: "Try again." },
  "/two-factor/disable": { message: "The password is not right.", hint: "Try again." },
  "/two-factor/get-totp-uri": { message: "The password is not right.", hint: "Try again." },
  "/two-factor/generate-backup-codes": { message: "The password is not right.", hint: "Try again." },
};

/**
 * The answer for an endpoint of the sign-in library that refused. One for every way in which a proof can be wrong, so
 * that nobody learns which accounts there are.
 */
export async function refusal(path: string, response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Record<string, string | undefined>;
  if (body.error === "invalid_signature") {
    return new ApiError("INVALID", "This request is too old, or was changed on its way.", {
      hint: "Begin again in the program that asks.",
    });
  }
  if (response.status === 429) return new ApiError("RATE_LIMITED", "Too many attempts.");
  if (response.status >= 500) return new ApiError("INTERNAL", "Signing in does not work at the moment.");
  const { message, hint } = refusals[path] ?? {
    message: "The request was refused: something in it is missing or not valid.",
    hint: "Load the page again, then try once more.",
  };
  const proof = response.status === 401 || response.status === 403;
  return new ApiError(proof ? "UNAUTHENTICATED" : "INVALID", message, { hint, docs: "people-and-roles" });
}
