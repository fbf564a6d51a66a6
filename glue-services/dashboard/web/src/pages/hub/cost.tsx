import { dollars } from "./queries.ts";

/** Dollars; a price that nobody knows is not a price of nothing. */
export function Cost({ cost, unpriced }: { cost: number; unpriced: boolean }) {
  if (!unpriced) return <>{dollars(cost)}</>;
  const why = "A model without a known price was called; set its price with PUT /api/ai/prices.";
  return (
    <span title={why}>
      {cost > 0 && `${dollars(cost)} + `}
      <span className="quiet">unknown</span>
    </span>
  );
}
