/** What the control plane is made of, smallest first; tests/e2e/kubernetes/upstreams has their sources. */
export const programs = [
  { name: "etcd", version: "3.6.5" },
  { name: "kwok", version: "0.8.0" },
  { name: "kubernetes", version: "1.37.0" },
];
