/** What the stand-ins of 1Password hold: vault, item, section and field to value. */
export const vault = {
  id: "hfnjvi6aymbsnfc2xeeoheizda",
  name: "Dev Flow",
  items: [
    {
      id: "ftz4pm2xxwmwrsd7rjqn7grzfz",
      title: "mail server",
      fields: [
        { id: "username", label: "username", value: "postmaster" },
        { id: "password", label: "password", value: 's3cret with spaces, "quotes" and ünïcode' },
        { id: "abc", label: "password", value: "of the section", section: { id: "smtp", label: "SMTP relay" } },
        { id: "otp", label: "one-time password", value: "otpauth://totp/x?secret=A", totp: "123456" },
        { id: "key", label: "key", value: "-----BEGIN KEY-----\nof many lines\n-----END KEY-----\n" },
      ],
    },
    { id: "aaaaaaaaaaaaaaaaaaaaaaaaa1", title: "twins", fields: [{ id: "password", label: "password", value: "one" }] },
    { id: "aaaaaaaaaaaaaaaaaaaaaaaaa2", title: "twins", fields: [{ id: "password", label: "password", value: "two" }] },
  ],
} as const;

export const holds = {
  "op://Dev Flow/mail server/password": 's3cret with spaces, "quotes" and ünïcode',
  "op://Dev Flow/mail server/SMTP relay/password": "of the section",
  "op://Dev Flow/mail server/key": "-----BEGIN KEY-----\nof many lines\n-----END KEY-----\n",
  "op://Dev%20Flow/mail%20server/SMTP%20relay/PASSWORD": "of the section",
  "OP://Dev Flow/mail server/key": "-----BEGIN KEY-----\nof many lines\n-----END KEY-----\n",
  "op://Dev Flow/mail server/one-time password?attribute=otp": "123456",
  "op://Dev%20Flow/mail server/one-time%20password?ATTR=otp": "123456",
  "op://Dev Flow/ftz4pm2xxwmwrsd7rjqn7grzfz/Username": "postmaster",
};

export const missing = [
  "op://Other/mail server/password",
  "op://Dev Flow/other/password",
  "op://Dev Flow/mail server/other",
  "op://Dev Flow/mail server/other/password",
  "op://Dev Flow/twins/password",
  "op://Dev Flow/mail server/password?attribute=otp",
];
