import { type Guard, matches } from "./guard.ts";

export const personal: Guard = {
  name: "pii",
  title: "Personal data",
  description:
    "E-mail addresses, telephone numbers, card numbers, bank accounts (IBAN) and US social security numbers.",
  sides: ["question", "answer"],
  find: (text) => [
    ...matches(
      text,
      /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}/g,
      "an e-mail address",
    ),
    ...matches(text, /(?<![\w.])(?:\d[ -]?){12,18}\d(?![\w.]\d)/g, "a card number", isCard),
    ...matches(text, /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g, "a bank account", isAccount),
    ...matches(text, /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g, "a social security number"),
    ...matches(
      text,
      /(?<![\w.+])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}(?!\w)/g,
      "a telephone number",
      isTelephone,
    ),
    ...matches(text, /(?<![\w.])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w.]\d)/g, "a telephone number"),
  ],
};

/** Luhn's check digit. */
function isCard(text: string): boolean {
  const digits = [...text.replace(/\D/g, "")].map(Number).reverse();
  if (digits.length < 13 || digits.length > 19 || new Set(digits).size < 3) return false;
  const sum = digits.reduce(
    (total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
    0,
  );
  return sum % 10 === 0;
}

/** ISO 7064: the number modulo 97 is one. */
function isAccount(text: string): boolean {
  const plain = text.replaceAll(" ", "");
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function isTelephone(text: string): boolean {
  const { length } = text.replace(/\D/g, "");
  return length >= 8 && length <= 15;
}
