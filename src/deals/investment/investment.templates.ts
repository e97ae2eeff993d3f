/** The documents of an investment, in Liquid (R000-35, R000-42). The layout is that of `toPdf`. */

const HEAD = `# {{ title }}
Pitch\t{{ pitchTitle }}
Deal\t{{ dealId }}
Drawn up on\t{{ drawnUpOn | date }}

## Parties
Investor\t{{ investorName }}
Creator\t{{ creatorName }}

`;

const TERMS = `## Terms
{% for term in terms %}{{ term.name | label }}\t{{ term.value | shown }} {{ term.unit }}
{% endfor %}
`;

const SIGNATURES = `
## Signatures
~ {{ investorName }}, investor
~ {{ creatorName }}, creator
`;

/** By the last part of the document's key; `termSheet` for all term sheets. */
export const TEMPLATES: Readonly<Record<string, string>> = {
  termSheet: `${HEAD}${TERMS}## Nature of this term sheet
By signing, both parties confirm the terms above as the basis of the investment agreement. The investment itself is subject to due diligence, to the investor’s final commitment and to the deposit of the amount.
${SIGNATURES}`,

  investmentAgreement: `${HEAD}## Agreement
1. The investor invests {{ amount | money }} in the pitch named above, on the terms below. The amount has been deposited and is held until closing.
2. Once this agreement has been signed by both parties, the amount is taken and handed to the creator.
3. If closing does not take place, the deposit is given back to the investor in full.
4. Each party confirms that it may enter into this agreement and that nothing it has told the other about this deal is untrue.

${TERMS}${SIGNATURES}`,

  sharesCertificate: `${HEAD}## Certificate
This certifies that {{ investorName }} holds the interest described below in the pitch named above, against an investment of {{ amount | money }}. The certificate takes effect when the deal is complete.

${TERMS}${SIGNATURES}`,

  taxForms: `${HEAD}## Tax forms
Each party provides the form that applies to it: W-9 for persons of the United States, W-8BEN for everybody else. Forms are handed in separately and are not part of this document.
By signing, each party confirms that it provides its form before any payment that has to be reported.
${SIGNATURES}`,
};
