// Where everything starts. The program puts the hashed names in place of these two.
import { initAll } from './govuk-frontend.min.js'
import './app.js'

initAll()
