// GOV.UK Frontend's inline snippet as a file, so that the content security policy needs neither a hash nor a nonce.
document.body.className += ' js-enabled' + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '')
