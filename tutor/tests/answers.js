/** What the LMS answers, in the shape of token_payments/rest_api/front/answers.py. */
const LMS = 'http://lms.example';

export const KEY = 'course-v1:Demo+SAFE201+2026';
export const CHECKOUT = `${LMS}/token-payments/checkout/${KEY}/`;

const SOLD = {
  item_key: KEY,
  title: 'Working safely',
  refusal: null,
  prices: {
    money: { amount: '149.00', currency: 'GBP', text: '£149.00' },
    tokens: [{ type: 'Gold', amount: 3, text: '3 Gold' }, { type: 'Silver', amount: 9, text: '9 Silver' }],
  },
  methods: [{ slug: 'token_code', name: 'Token Code' }, { slug: 'wallet', name: 'Training tokens' }],
  checkout_url: CHECKOUT,
  login_url: null,
  course_url: `${LMS}/courses/${KEY}/course/`,
  free_url: null,
};

export const payable = { ...SOLD, state: 'payable' };
export const codeOnly = { ...payable, methods: [SOLD.methods[0]], prices: { ...SOLD.prices, tokens: [] } };
export const tokensOnly = { ...payable, methods: [SOLD.methods[1]], prices: { ...SOLD.prices, money: null } };
export const mixed = { ...payable, free_url: `${LMS}/course_modes/choose/${KEY}/` };
export const paidBefore = {
  ...payable,
  refusal: {
    code: 'already_paid',
    text: 'You have already paid for this course. Enrol again at no cost.',
  },
};
export const signedOut = {
  ...SOLD,
  state: 'signed_out',
  login_url: `${LMS}/login?next=/token-payments/checkout/${KEY}/`,
};
export const enrolled = { ...SOLD, state: 'enrolled' };
export const unsold = {
  ...SOLD, checkout_url: null, methods: [], prices: { money: null, tokens: [] },
};
export const free = { ...unsold, state: 'free' };
export const refused = (state, text) => ({ ...SOLD, state, refusal: { code: state, text } });
