/**
 * A page that stands for the Catalog MFE's course page: it starts as every MFE starts, reads the
 * env.config.jsx that Tutor wrote, and has the slot with the MFE's own id and properties. The MFE
 * itself isn't published as a package.
 */
import React from 'react';
import { createRoot } from 'react-dom/client';
import { APP_READY, initialize, subscribe } from '@edx/frontend-platform';
import { AppProvider } from '@edx/frontend-platform/react';
import { PluginSlot } from '@openedx/frontend-plugin-framework';
import { Button, Container } from '@openedx/paragon';
import '@openedx/paragon/dist/core.min.css';
import '@openedx/paragon/dist/light.min.css';

const SLOT = 'org.openedx.frontend.catalog.course_about_page.enrollment_button';

/** The slot hands its properties on to it. */
const HostButton = ({ isEnrollmentPending, onEnroll }) => (
  <Button disabled={isEnrollmentPending} onClick={onEnroll}>Enroll now</Button>
);

function CoursePage() {
  const [isPending, setPending] = React.useState(false);
  const props = {
    singlePaidMode: {},
    ecommerceCheckout: false,
    isEnrollmentPending: isPending,
    onEnroll: () => setPending(true),
    onEcommerceCheckout: () => {},
  };
  return (
    <Container as="main" className="py-5">
      <h1>A course</h1>
      <PluginSlot id={SLOT} slotOptions={{ mergeProps: true }} pluginProps={props}>
        <HostButton />
      </PluginSlot>
    </Container>
  );
}

subscribe(APP_READY, () => {
  createRoot(document.getElementById('root')).render(<AppProvider><CoursePage /></AppProvider>);
});

initialize({
  messages: [],
  requireAuthenticatedUser: false,
});
