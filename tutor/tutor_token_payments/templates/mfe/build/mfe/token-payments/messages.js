import { defineMessages } from '@edx/frontend-platform/i18n';

/** Translations: add these ids to the MFE's own messages. What the LMS says is translated there. */
const messages = defineMessages({
  payEither: {
    id: 'token_payments.button.pay_either',
    defaultMessage: 'Enrol with tokens or a code',
    description: 'Button that leads to a paid course\'s checkout',
  },
  payCode: {
    id: 'token_payments.button.pay_code',
    defaultMessage: 'Enrol with a Token Code',
    description: 'Button that leads to the checkout of a course that only codes pay for',
  },
  payTokens: {
    id: 'token_payments.button.pay_tokens',
    defaultMessage: 'Enrol with training tokens',
    description: 'Button that leads to the checkout of a course that only an account\'s tokens pay for',
  },
  payOther: {
    id: 'token_payments.button.pay_other',
    defaultMessage: 'Enrol',
    description: 'Button that leads to the checkout of a course with other payment methods',
  },
  enrollAgain: {
    id: 'token_payments.button.enroll_again',
    defaultMessage: 'Enrol again',
    description: 'Button for somebody who has already paid for the course and left it',
  },
  signIn: {
    id: 'token_payments.button.sign_in',
    defaultMessage: 'Sign in to enrol',
    description: 'Button on a paid course\'s page for visitors',
  },
  signInInvited: {
    id: 'token_payments.button.sign_in_invited',
    defaultMessage: 'Sign in if you were invited',
    description: 'Button for visitors on the page of a course that learners join by invitation',
  },
  price: {
    id: 'token_payments.button.price',
    defaultMessage: 'Price: {prices}',
    description: 'Under the button; {prices} are alternatives, such as "£149.00 or 3 Gold"',
  },
  free: {
    id: 'token_payments.button.free',
    defaultMessage: 'Take it at no cost',
    description: 'Second button, for a course that has a free track too',
  },
  enrolled: {
    id: 'token_payments.button.enrolled',
    defaultMessage: 'You are enrolled in this course.',
    description: 'Instead of the button',
  },
  goToCourse: {
    id: 'token_payments.button.go_to_course',
    defaultMessage: 'Go to the course',
    description: 'Link to the course of somebody who is enrolled',
  },
  unavailable: {
    id: 'token_payments.button.unavailable',
    defaultMessage: 'You can\'t enrol in this course now.',
    description: 'Instead of the button, when the platform gives no reason',
  },
  loading: {
    id: 'token_payments.button.loading',
    defaultMessage: 'Loading…',
    description: 'On the button, until the platform has said how the course is paid for',
  },
  failed: {
    id: 'token_payments.button.failed',
    defaultMessage: 'We couldn\'t find out how to enrol in this course.',
    description: 'Instead of the button, when the platform doesn\'t answer',
  },
  tryAgain: {
    id: 'token_payments.button.try_again',
    defaultMessage: 'Try again',
    description: 'Button after an error',
  },
});

export default messages;
